// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/gateway/net/test_ca.hpp"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <cstdlib>
#include <stdexcept>

namespace gw::net::testing {

namespace {

using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;

void check(bool good, const char* what) {
    if (!good) {
        throw std::runtime_error(std::string("test certificate: ") + what);
    }
}

Key make_key() {
    Key key(EVP_EC_gen("P-256"), &EVP_PKEY_free);
    check(key != nullptr, "key");
    return key;
}

void set_name(X509_NAME* name, const std::string& common_name) {
    std::string text = common_name;
    const void* bytes = text.data();
    check(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                                     static_cast<const unsigned char*>(bytes),
                                     static_cast<int>(text.size()), -1, 0) == 1,
          "name");
}

void add_extension(X509* certificate, X509* issuer, int kind, const std::string& value) {
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str());
    check(extension != nullptr, value.c_str());
    X509_add_ext(certificate, extension, -1);
    X509_EXTENSION_free(extension);
}

Certificate make_certificate(EVP_PKEY* key, const std::string& name, long serial, long from,
                             long to) {
    Certificate certificate(X509_new(), &X509_free);
    X509_set_version(certificate.get(), 2);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), serial);
    X509_gmtime_adj(X509_getm_notBefore(certificate.get()), from);
    X509_gmtime_adj(X509_getm_notAfter(certificate.get()), to);
    X509_set_pubkey(certificate.get(), key);
    set_name(X509_get_subject_name(certificate.get()), name);
    return certificate;
}

using File = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;
File open_to_write(const std::string& path) {
    File file(std::fopen(path.c_str(), "w"), &std::fclose);
    check(file != nullptr, path.c_str());
    return file;
}

}  // namespace

struct TestCa::Keys {
    Key key{nullptr, &EVP_PKEY_free};
    Certificate certificate{nullptr, &X509_free};
};

TestCa::TestCa() : ca_(std::make_unique<Keys>()) {
    std::string pattern = (std::filesystem::temp_directory_path() / "gw-test-ca-XXXXXX").string();
    check(::mkdtemp(pattern.data()) != nullptr, "folder");
    folder_ = pattern;
    ca_->key = make_key();
    ca_->certificate = make_certificate(ca_->key.get(), "gateway test CA", 1, -7200, 7200);
    X509* ca = ca_->certificate.get();
    X509_set_issuer_name(ca, X509_get_subject_name(ca));
    add_extension(ca, ca, NID_basic_constraints, "critical,CA:TRUE");
    add_extension(ca, ca, NID_key_usage, "critical,keyCertSign,cRLSign");
    check(X509_sign(ca, ca_->key.get(), EVP_sha256()) > 0, "signing");
    const File file = open_to_write(ca_file());
    PEM_write_X509(file.get(), ca);
}

TestCa::~TestCa() {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
}

std::string TestCa::ca_file() const {
    return (folder_ / "ca.pem").string();
}

TestCa::Files TestCa::issue(const Wanted& wanted) {
    const Key key = make_key();
    const std::string name = "leaf-" + std::to_string(++issued_);
    const Certificate leaf =
        make_certificate(key.get(), name, 100 + issued_, wanted.valid_from_s, wanted.valid_to_s);
    X509* issuer = wanted.self_signed ? leaf.get() : ca_->certificate.get();
    X509_set_issuer_name(leaf.get(), X509_get_subject_name(issuer));
    add_extension(leaf.get(), issuer, NID_subject_alt_name, wanted.names);
    EVP_PKEY* signer = wanted.self_signed ? key.get() : ca_->key.get();
    check(X509_sign(leaf.get(), signer, EVP_sha256()) > 0, "signing");

    Files files{(folder_ / (name + ".pem")).string(), (folder_ / (name + ".key")).string()};
    const File certificate_file = open_to_write(files.certificate);
    PEM_write_X509(certificate_file.get(), leaf.get());
    const File key_file = open_to_write(files.key);
    PEM_write_PrivateKey(key_file.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr);
    return files;
}

}  // namespace gw::net::testing
