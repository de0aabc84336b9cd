#include "gateway/cli.hpp"

#include "config/idle_settings.hpp"
#include "config/load.hpp"
#include "gateway/doctor_command.hpp"
#include "gateway/keys_command.hpp"
#include "gateway/options.hpp"
#include "gateway/replay_command.hpp"
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
    const auto settings = load_or_explain(path);
    if (!settings) {
        return exit_usage;
    }
    for (const std::string& name : config::idle_settings(*settings)) {
        std::cout << path << ": note: " << name << " has no effect in this version\n";
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
    const auto applied = store::migrate_sqlite(sqlite_path(*settings));
    for (const int number : applied) {
        std::cout << "applied migration " << number << '\n';
    }
    if (applied.empty()) {
        std::cout << "schema is up to date\n";
    }
    return 0;
}

// `keys` and its three commands: their options, and what was asked for.
class KeysCommands {
public:
    KeysCommands(CLI::App& app, std::string& config_path) : config_path_(config_path) {
        keys_ = app.add_subcommand("keys", "API keys; works while a gateway serves");
        keys_->require_subcommand(1);
        create_ = add("create", "make a key and print it, this once");
        CLI::Option_group* owner = create_->add_option_group("owner", "whose key it is");
        owner->add_option("--project", wanted_.project, "public id of a project (proj_…)");
        owner->add_option("--org", wanted_.org, "id of an organisation")
            ->check(CLI::PositiveNumber);
        owner->require_option(1);
        create_->add_option("--scope", wanted_.scope, "full, or read")
            ->required()
            ->check(CLI::IsMember({"full", "read"}));
        create_->add_option("--name", wanted_.name, "what people know it by");
        list_ = add("list", "all keys by their id");
        revoke_ = add("revoke", "end a key; a running gateway refuses it within a second");
        revoke_->add_option("id", id_, "its id: the first 12 digits of its hash, or more")
            ->required()
            ->check(is_id);
    }

    [[nodiscard]] bool asked() const { return keys_->parsed(); }
    int run() {
        const auto settings = load_or_explain(config_path_);
        if (!settings) {
            return exit_usage;
        }
        if (*create_) {
            return create_key(*settings, wanted_, std::cout, std::cerr);
        }
        return *list_ ? list_keys(*settings, std::cout)
                      : revoke_key(*settings, id_, std::cout, std::cerr);
    }

private:
    CLI::App* add(const std::string& name, const std::string& does) {
        CLI::App* command = keys_->add_subcommand(name, does);
        command->add_option("--config", config_path_, "configuration file")->required();
        return command;
    }
    static std::string is_id(const std::string& text) {
        const bool fits = text.size() >= 12 && text.size() <= 64 &&
                          text.find_first_not_of("0123456789abcdef") == std::string::npos;
        return fits ? std::string() : "12 to 64 lower-case hexadecimal digits";
    }

    std::string& config_path_;
    CLI::App* keys_ = nullptr;
    CLI::App* create_ = nullptr;
    CLI::App* list_ = nullptr;
    CLI::App* revoke_ = nullptr;
    KeyToCreate wanted_;
    std::string id_;
};

// `replay` of a call in the store, or of a file.
class ReplayCommand {
public:
    explicit ReplayCommand(CLI::App& app) {
        command_ = app.add_subcommand(
            "replay", "a call's timeline once more; exit 1 where this program decides otherwise");
        config_ = command_->add_option("--config", config_path_, "configuration file");
        file_ = command_->add_option("--file", file_path_,
                                     "what GET /v1/calls/:id/events gave, all pages");
        id_ = command_->add_option("call", call_, "id of a call in the store")->check(is_call);
        id_->needs(config_)->excludes(file_);
    }

    [[nodiscard]] bool asked() const { return command_->parsed(); }
    int run() {
        std::optional<config::Settings> settings;
        if (*config_ && !(settings = load_or_explain(config_path_))) {
            return exit_usage;
        }
        if (*file_) {
            return replay_file(file_path_, settings, std::cout, std::cerr);
        }
        if (!*id_) {
            std::cerr << "replay: a call's id with --config, or --file\n";
            return exit_usage;
        }
        return replay_stored(*settings, *parse_call_id(call_), std::cout, std::cerr);
    }

private:
    static std::string is_call(const std::string& text) {
        return parse_call_id(text) ? std::string() : "a call's id, as call_00000001";
    }

    std::string config_path_;
    std::string file_path_;
    std::string call_;
    CLI::App* command_ = nullptr;
    CLI::Option* config_ = nullptr;
    CLI::Option* file_ = nullptr;
    CLI::Option* id_ = nullptr;
};

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
    CLI::App* examining = with_config(
        app.add_subcommand("doctor", "check what breaks installations; exit 1 if something does"));
    KeysCommands keys(app, path);
    ReplayCommand replaying(app);
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
        if (*examining) {
            return run_doctor(path, config::load_file(path), std::cout);
        }
        if (keys.asked()) {
            return keys.run();
        }
        if (replaying.asked()) {
            return replaying.run();
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
