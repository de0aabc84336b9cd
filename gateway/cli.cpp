#include "gateway/cli.hpp"

#include "config/load.hpp"
#include "gateway/serve.hpp"
#include "gateway/store/sqlite_store.hpp"
#include "gateway/version.hpp"

#include <CLI/CLI.hpp>

#include <exception>
#include <iostream>
#include <optional>
#include <string>

namespace gw {
namespace {

constexpr int exit_usage = 2;

// Prints every fault of the file; nothing when there is one.
std::optional<config::Settings> load_or_explain(const std::string& path) {
    config::LoadResult result = config::load_file(path);
    for (const std::string& fault : result.faults) {
        std::cerr << fault << '\n';
    }
    return std::move(result.settings);
}

int check_config(const std::string& path) {
    if (!load_or_explain(path)) {
        return exit_usage;
    }
    std::cout << path << ": ok\n";
    return 0;
}

int serve_with(const std::string& path) {
    const auto settings = load_or_explain(path);
    return settings ? serve(*settings) : exit_usage;
}

int migrate_with(const std::string& path) {
    const auto settings = load_or_explain(path);
    if (!settings) {
        return exit_usage;
    }
    constexpr std::string_view sqlite_scheme = "sqlite:";
    const std::string_view url = settings->store.url.reveal();
    if (!url.starts_with(sqlite_scheme)) {
        std::cerr << "store.url: this build has the embedded store only (sqlite:PATH)\n";
        return 1;
    }
    const auto applied = store::migrate_sqlite(std::string(url.substr(sqlite_scheme.size())));
    for (const int number : applied) {
        std::cout << "applied migration " << number << '\n';
    }
    if (applied.empty()) {
        std::cout << "schema is up to date\n";
    }
    return 0;
}

}  // namespace

int run_cli(int argc, char** argv) {
    CLI::App app{"Call-control gateway between Telnyx and AI voice agents.", "telnyx-gateway"};
    app.require_subcommand(1);
    std::string path;
    const auto with_config = [&](CLI::App* command) {
        command->add_option("--config", path, "configuration file (JSON, comments allowed)")
            ->required();
        return command;
    };
    CLI::App* serving = with_config(app.add_subcommand("serve", "run the gateway until SIGTERM"));
    CLI::App* checking = with_config(
        app.add_subcommand("check-config", "print every fault of a configuration; exit 2 if any"));
    CLI::App* migrating =
        with_config(app.add_subcommand("migrate", "bring the store's schema up to date"));
    CLI::App* telling = app.add_subcommand("version", "print the version");
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? 0 : exit_usage;
    }
    try {
        if (*serving) {
            return serve_with(path);
        }
        if (*checking) {
            return check_config(path);
        }
        if (*migrating) {
            return migrate_with(path);
        }
        if (*telling) {
            std::cout << "telnyx-gateway " << version << " (" << commit << ")\n";
        }
        return 0;
    } catch (const std::exception& error) {
        std::cerr << "telnyx-gateway: " << error.what() << '\n';
        return 1;
    }
}

}  // namespace gw
