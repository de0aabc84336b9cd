// SPDX-License-Identifier: Apache-2.0
#include "gateway/net/tls_context.hpp"

#include <openssl/ssl.h>

#include <array>
#include <stdexcept>

namespace gw::net {

namespace ssl = boost::asio::ssl;
using boost::system::error_code;

namespace {

constexpr std::array<unsigned char, 9> alpn_http11{8, 'h', 't', 't', 'p', '/', '1', '.', '1'};

void harden(SSL_CTX* context) {
    SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
    SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
    // An idle connection gives its 34 KiB of record buffers back.
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
}

int select_alpn(SSL* /*tls*/, const unsigned char** chosen, unsigned char* chosen_size,
                const unsigned char* offered, unsigned int offered_size, void* /*argument*/) {
    unsigned char* match = nullptr;
    if (SSL_select_next_proto(&match, chosen_size, alpn_http11.data(), alpn_http11.size(), offered,
                              offered_size) != OPENSSL_NPN_NEGOTIATED) {
        return SSL_TLSEXT_ERR_NOACK;
    }
    *chosen = match;
    return SSL_TLSEXT_ERR_OK;
}

void check(const error_code& failed, const std::string& what) {
    if (failed) {
        throw std::runtime_error(what + ": " + failed.message());
    }
}

}  // namespace

ssl::context make_server_tls_context(const TlsServerFiles& files) {
    ssl::context context(ssl::context::tls_server);
    harden(context.native_handle());
    SSL_CTX_set_options(context.native_handle(), SSL_OP_CIPHER_SERVER_PREFERENCE);
    SSL_CTX_set_alpn_select_cb(context.native_handle(), select_alpn, nullptr);
    error_code failed;
    context.use_certificate_chain_file(files.certificate_chain_file, failed);
    check(failed, "cannot use the certificate in " + files.certificate_chain_file);
    context.use_private_key_file(files.private_key_file, ssl::context::pem, failed);
    check(failed, "cannot use the private key in " + files.private_key_file);
    return context;
}

ssl::context make_client_tls_context(const std::string& ca_file) {
    ssl::context context(ssl::context::tls_client);
    harden(context.native_handle());
    SSL_CTX_set_alpn_protos(context.native_handle(), alpn_http11.data(), alpn_http11.size());
    error_code failed;
    context.set_default_verify_paths(failed);
    check(failed, "cannot use the system's certificate authorities");
    if (!ca_file.empty()) {
        context.load_verify_file(ca_file, failed);
        check(failed, "cannot use the certificate authorities in " + ca_file);
    }
    context.set_verify_mode(ssl::verify_peer);
    return context;
}

}  // namespace gw::net
