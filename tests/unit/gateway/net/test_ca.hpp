#pragma once
// SPDX-License-Identifier: Apache-2.0
// A certificate authority made when the test runs, and certificates of every quality, as PEM files
// in a folder that goes with the object.
#include <filesystem>
#include <memory>
#include <string>

namespace gw::net::testing {

class TestCa {
public:
    TestCa();
    ~TestCa();
    TestCa(const TestCa&) = delete;
    TestCa& operator=(const TestCa&) = delete;

    struct Wanted {
        std::string names = "DNS:localhost,IP:127.0.0.1";  // subjectAltName
        long valid_from_s = -3600;                         // from now
        long valid_to_s = 3600;
        bool self_signed = false;
    };
    struct Files {
        std::string certificate;
        std::string key;
    };
    Files issue(const Wanted& wanted);
    [[nodiscard]] std::string ca_file() const;

private:
    struct Keys;
    std::filesystem::path folder_;
    std::unique_ptr<Keys> ca_;
    int issued_ = 0;
};

}  // namespace gw::net::testing
