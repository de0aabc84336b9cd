// SPDX-License-Identifier: Apache-2.0
// The keys of the process itself. Limits of the HTTP server follow Envoy's edge guide and nginx's
// defaults.
#include "config/definition.hpp"

#include "config/binding.hpp"

namespace gw::config {
namespace {

using S = Settings;
using binding::into;
using binding::make;
using enum Kind;
using enum Need;

constexpr Range url_length{1, 2'048};
constexpr Range secret_length{1, 4'096};
constexpr Range name_length{1, 255};
constexpr Range path_length{1, 4'096};

std::vector<Row> http_rows() {
    return {
        {"http", object, make<&S::http>,
         "The public listener: REST API, Telnyx webhooks, media, console."},
        {"http.listen", listen, into<&S::http, &HttpSettings::listen>,
         "Where it listens; port 0 takes any free one.", name_length, R"("127.0.0.1:8080")"},
        {"http.public_url", base_url, into<&S::http, &HttpSettings::public_url>,
         "How Telnyx and customers reach it. Required when an agent has a `voice_url`.",
         url_length},
        {"http.tls", feature, make<&S::http, &HttpSettings::tls>,
         "Serve TLS. Left out: plain HTTP, behind a proxy."},
        {"http.tls.certificate_file",
         text,
         into<&S::http, &HttpSettings::tls, &TlsSettings::certificate_file>,
         "Path of the certificate chain, PEM.",
         path_length,
         {},
         required},
        {"http.tls.key_file",
         text,
         into<&S::http, &HttpSettings::tls, &TlsSettings::key_file>,
         "Path of the private key, PEM.",
         path_length,
         {},
         required},
        {"http.trusted_proxies[]",
         network,
         into<&S::http, &HttpSettings::trusted_proxies>,
         "Proxies whose X-Forwarded-For is believed.",
         name_length,
         "[]",
         optional,
         false,
         false,
         {0, 64}},
        {"http.limits", object, make<&S::http, &HttpSettings::limits>,
         "Bounds on what a peer can make it hold."},
        {"http.limits.connections_max",
         integer,
         into<&S::http, &HttpSettings::limits, &HttpLimitSettings::connections_max>,
         "Open connections in all.",
         {1, 1'000'000},
         "4096"},
        {"http.limits.connections_per_address_max",
         integer,
         into<&S::http, &HttpSettings::limits, &HttpLimitSettings::connections_per_address_max>,
         "Open connections of one address; 0 is no limit.",
         {0, 1'000'000},
         "0"},
        {"http.limits.requests_per_connection_max",
         integer,
         into<&S::http, &HttpSettings::limits, &HttpLimitSettings::requests_per_connection_max>,
         "Requests on one connection.",
         {1, 100'000'000},
         "10000"},
        {"http.limits.api_body_bytes_max",
         integer,
         into<&S::http, &HttpSettings::limits, &HttpLimitSettings::api_body_bytes_max>,
         "Body of an API request.",
         {1'024, 16'777'216},
         "262144"},
        {"http.limits.webhook_body_bytes_max",
         integer,
         into<&S::http, &HttpSettings::limits, &HttpLimitSettings::webhook_body_bytes_max>,
         "Body of a Telnyx webhook.",
         {16'384, 16'777'216},
         "1048576"},
        {"http.limits.header_timeout_seconds",
         seconds,
         into<&S::http, &HttpSettings::limits, &HttpLimitSettings::header_timeout>,
         "For a request's header to be complete.",
         {1, 300},
         "5"},
        {"http.limits.body_timeout_seconds",
         seconds,
         into<&S::http, &HttpSettings::limits, &HttpLimitSettings::body_timeout>,
         "For a request's body to be complete.",
         {1, 300},
         "10"},
        {"http.limits.idle_timeout_seconds",
         seconds,
         into<&S::http, &HttpSettings::limits, &HttpLimitSettings::idle_timeout>,
         "Keep-alive without a request.",
         {1, 3'600},
         "60"},
        {"admin", object, make<&S::admin>,
         "The private listener: /metrics, /healthz, /readyz, /drain."},
        {"admin.listen", listen, into<&S::admin, &AdminSettings::listen>, "Where it listens.",
         name_length, R"("127.0.0.1:9090")"},
    };
}

std::vector<Row> store_rows() {
    constexpr auto s3 = &RecordingsSettings::s3;
    return {
        {"store", object, make<&S::store>, "The database."},
        {"store.url", store_url, into<&S::store, &StoreSettings::url>,
         "SQLite file, relative to the working folder. This version has no PostgreSQL.", url_length,
         R"("sqlite:data/gateway.db")", optional, true},
        {"redis", feature, make<&S::redis>,
         "Live status and rate limits shared by replicas. Left out: in memory. No effect yet."},
        {"redis.url",
         redis_url,
         into<&S::redis, &RedisSettings::url>,
         "The Redis server.",
         url_length,
         {},
         required,
         true},
        {"recordings", object, make<&S::recordings>, "Where recordings are kept."},
        {"recordings.s3", feature, make<&S::recordings, s3>,
         "An S3 bucket. Left out: recordings are not stored. No effect yet."},
        {"recordings.s3.endpoint",
         base_url,
         into<&S::recordings, s3, &S3Settings::endpoint>,
         "Base URL of the S3 service.",
         url_length,
         {},
         required},
        {"recordings.s3.region",
         identifier,
         into<&S::recordings, s3, &S3Settings::region>,
         "Region used in signatures.",
         {1, 64},
         {},
         required},
        {"recordings.s3.bucket",
         identifier,
         into<&S::recordings, s3, &S3Settings::bucket>,
         "Bucket.",
         {1, 63},
         {},
         required},
        {"recordings.s3.access_key_id",
         token,
         into<&S::recordings, s3, &S3Settings::access_key_id>,
         "Access key.",
         secret_length,
         {},
         required,
         true},
        {"recordings.s3.secret_access_key",
         token,
         into<&S::recordings, s3, &S3Settings::secret_access_key>,
         "Secret key.",
         secret_length,
         {},
         required,
         true},
        {"recordings.s3.path_style",
         boolean,
         into<&S::recordings, s3, &S3Settings::path_style>,
         "Bucket in the path instead of the host name.",
         {},
         "false"},
    };
}

}  // namespace

std::vector<Row> service_rows() {
    std::vector<Row> rows;
    for (const auto& part : {http_rows(), store_rows()}) {
        rows.insert(rows.end(), part.begin(), part.end());
    }
    return rows;
}

const std::vector<Row>& definition() {
    static const std::vector<Row> rows = [] {
        std::vector<Row> all;
        for (const auto& part :
             {service_rows(), call_rows(), org_rows(), agent_rows(), access_rows()}) {
            all.insert(all.end(), part.begin(), part.end());
        }
        return all;
    }();
    return rows;
}

}  // namespace gw::config
