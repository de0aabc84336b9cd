// SPDX-License-Identifier: Apache-2.0
#include "gateway/net/client_tls.hpp"

#include "gateway/net/tls_context.hpp"

#include <openssl/ssl.h>
#include <openssl/x509v3.h>

namespace gw::net {

namespace {

// One per host; a client that talks to more starts again with full handshakes.
constexpr std::size_t sessions_max = 1024;

int session_index() {
    static const int index = SSL_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
    return index;
}

}  // namespace

void ClientTls::FreeSession::operator()(SSL_SESSION* session) const {
    SSL_SESSION_free(session);
}

ClientTls::ClientTls(const std::string& ca_file) : context_(make_client_tls_context(ca_file)) {
    SSL_CTX_set_session_cache_mode(context_.native_handle(),
                                   SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_sess_set_new_cb(context_.native_handle(), &ClientTls::keep_session);
}

// OpenSSL gives a session only after the peer was verified under the name that is part of the key.
int ClientTls::keep_session(SSL* tls, SSL_SESSION* session) {
    const auto* slot = static_cast<Session*>(SSL_get_ex_data(tls, session_index()));
    if (slot == nullptr || SSL_get_verify_result(tls) != X509_V_OK) {
        return 0;
    }
    auto& sessions = slot->owner->sessions_;
    if (sessions.size() >= sessions_max && !sessions.contains(slot->key)) {
        sessions.clear();
    }
    sessions[slot->key].reset(session);
    return 1;  // the reference is ours now
}

bool ClientTls::prepare(SSL* tls, const ClientTarget& target, Session& session) {
    if (target.literal) {
        if (X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(tls), target.host.c_str()) != 1) {
            return false;
        }
    } else {
        // The C macro SSL_set_tlsext_host_name without its C cast.
        std::string name = target.host;
        if (SSL_ctrl(tls, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, name.data()) !=
                1 ||
            SSL_set1_host(tls, target.host.c_str()) != 1) {
            return false;
        }
        SSL_set_hostflags(tls, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    }
    SSL_set_ex_data(tls, session_index(), &session);
    if (const auto kept = sessions_.find(session.key); kept != sessions_.end()) {
        SSL_set_session(tls, kept->second.get());
    }
    return true;
}

std::string ClientTls::failure(SSL* tls, const boost::system::error_code& failed) {
    const long verified = SSL_get_verify_result(tls);
    return verified == X509_V_OK ? failed.message() : X509_verify_cert_error_string(verified);
}

}  // namespace gw::net
