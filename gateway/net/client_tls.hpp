#pragma once
// SPDX-License-Identifier: Apache-2.0
// TLS of the HTTP client: the shared context, the name each peer must prove, and the sessions to
// resume. Used from one executor; must outlive the connections it prepared.
#include "gateway/net/client_target.hpp"

#include <boost/asio/ssl/context.hpp>

#include <memory>
#include <string>
#include <unordered_map>

namespace gw::net {

class ClientTls {
public:
    // Belongs to one connection and lives as long: where its session will be kept.
    struct Session {
        ClientTls* owner;
        std::string key;
    };

    explicit ClientTls(const std::string& ca_file);
    ClientTls(const ClientTls&) = delete;
    ClientTls& operator=(const ClientTls&) = delete;

    [[nodiscard]] boost::asio::ssl::context& context() { return context_; }
    // Before the handshake: server name, the name or address to verify, an earlier session. False
    // when OpenSSL takes the name for none.
    bool prepare(SSL* tls, const ClientTarget& target, Session& session);
    // After a failed handshake: what was wrong, for people.
    static std::string failure(SSL* tls, const boost::system::error_code& failed);

private:
    struct FreeSession {
        void operator()(SSL_SESSION* session) const;
    };
    static int keep_session(SSL* tls, SSL_SESSION* session);

    boost::asio::ssl::context context_;
    std::unordered_map<std::string, std::unique_ptr<SSL_SESSION, FreeSession>> sessions_;
};

}  // namespace gw::net
