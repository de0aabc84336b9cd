#pragma once
// SPDX-License-Identifier: Apache-2.0
// What the gateway does while it is killed: a story is played from its beginning to its end,
// through the death of the gateway wherever it comes. Who plays is a careful customer: what got no
// answer is asked again with the same Idempotency-Key. Main thread only.
#include "tests/scenario/world.hpp"

#include <functional>
#include <string>
#include <string_view>

namespace gw::scenario {

// A world whose gateway may die at any moment: whoever asks revives it first, without the fault.
class MortalWorld {
public:
    explicit MortalWorld(nlohmann::json config = nlohmann::json::object());
    // Starts the gateway; `fault` is a crash point and its passing, as in "call.before_commit:2".
    void start(const std::string& fault);
    bool revive();
    [[nodiscard]] int deaths() const { return deaths_; }

    // Only what a gateway that lived before and after has said counts.
    template <class Asked>
    bool eventually(Asked asked, milliseconds within = patience) {
        return scenario::eventually([&] { return revive() && asked() && world.is_ready(); },
                                    within);
    }
    // What a gateway that lives answers with 200.
    nlohmann::json get(const std::string& path);
    // The inputs of this kind on the timeline of a call.
    std::vector<nlohmann::json> rows(const std::string& call_id, std::string_view kind);
    // The one call there is, or null.
    nlohmann::json call();
    // Until it was accepted, or is on record without that anybody was told so.
    void ask(const std::string& path, const nlohmann::json& body,
             const std::function<bool()>& is_on_record);
    // The different events of that name that the customer got.
    std::size_t told(std::string_view name);

    World world;

private:
    Answer insist(const std::string& path, const nlohmann::json& body, const std::string& key);

    int deaths_ = 0;
};

enum class Story : std::uint8_t { inbound, transfer_answered, transfer_failed, gather, dial };
constexpr std::size_t stories = 5;
const char* name_of(Story story);

// Until nothing is to be asked any more; what was begun may still be under way.
void play(Story story, MortalWorld& mortal);
// Of a story whose calls are over: each wish was carried out once and told once.
void expect_told(Story story, MortalWorld& mortal);
// The process that was to dial died before, and no other process dials: the call waits for its
// deadline, a minute after it was placed.
bool is_in_doubt(MortalWorld& mortal);

}  // namespace gw::scenario
