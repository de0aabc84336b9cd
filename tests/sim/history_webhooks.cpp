// What the customer was told: each call's story, compared with its record.
#include "tests/sim/simulation.hpp"

#include <algorithm>

namespace gw::sim {

namespace {

constexpr std::string_view completed = "transfer.completed";
constexpr std::string_view failed = "transfer.failed";

// Every fault of one call's story is said with its name.
class Story {
public:
    Story(const Call& call, const Told& told, std::vector<std::string>& faults)
        : call_(call), told_(told), faults_(faults) {}

    void check_course() {
        expect(told_.count("call.ringing") == 1 &&
                   told_.by_sequence.begin()->second.event == "call.ringing",
               "does not begin with its ringing");
        const unsigned started = told_.count("call.started");
        expect(started == (call_.started_at ? 1U : 0U), "tells another start than it had");
        const unsigned ended = told_.count("call.ended");
        const unsigned terminal = ended + told_.count("call.failed");
        expect(terminal == 1, "has " + std::to_string(terminal) + " terminal events");
        expect(ended == started, "tells another kind of end than it had");
        bool over = false;
        for (const auto& [sequence, fields] : told_.by_sequence) {
            expect(!over || fields.event == "call.dtmf.received",
                   "tells " + fields.event + " after its end");
            over = over || fields.event == "call.ended" || fields.event == "call.failed";
        }
    }

    // What is due is known by the wall clock: set back, and followed by a crash, it lets an event
    // overtake one that was to be told before.
    void check_order(bool clock_set_back) {
        expect(told_.by_sequence.rbegin()->first == told_.by_sequence.size(),
               "has a gap in its sequence");
        expect(clock_set_back || std::is_sorted(told_.order.begin(), told_.order.end()),
               "was told out of order");
    }

    void check_transfers() {
        std::map<std::string, std::string> stories;  // by destination, in order
        for (const auto& [sequence, fields] : told_.by_sequence) {
            if (fields.event.starts_with("transfer.")) {
                stories[fields.destination] += fields.event.substr(9) + ' ';
            }
        }
        for (const auto& [destination, story] : stories) {
            const bool went_well = story == "initiated completed ";
            expect(went_well || story == "initiated failed " || story == "failed ",
                   "tells of the transfer to " + destination + ": " + story);
            expect(went_well == (destination == call_.transferred_to),
                   "and its record differ about the transfer to " + destination);
        }
        expect(call_.transferred_to.empty() || stories.contains(call_.transferred_to),
               "never tells of its transfer");
    }

    // The n-th gather that completes is the n-th that began: one at a time.
    void check_gathers(const std::vector<PlayedGather>& played) {
        std::uint32_t number = 0;
        for (const auto& [sequence, fields] : told_.by_sequence) {
            if (fields.event != "call.gather.completed") {
                continue;
            }
            ++number;
            const bool pressed =
                std::any_of(played.begin(), played.end(), [&](const PlayedGather& gather) {
                    return gather.call == call_.id && gather.number == number &&
                           gather.digits == fields.input && !fields.input.empty();
                });
            expect(fields.input == "none" || pressed,
                   "tells digits that nobody pressed: " + fields.input);
        }
        expect(number == call_.gathers,
               "told " + std::to_string(number) + " gathers of " + std::to_string(call_.gathers));
    }

    // CONTRACT "Calls", computed anew: minutes to two places, money to four, half up.
    void check_bill() {
        const std::int64_t minutes = (call_.duration_seconds * 200 + 60) / 120;
        const std::int64_t transfer = (call_.transfer_duration_seconds * 200 + 60) / 120;
        const std::int64_t exact =
            minutes * (call_.rates.rate.micros - call_.rates.llm_discount.micros) +
            transfer * call_.rates.transfer_rate.micros;
        const MicroMoney total{(exact + 5'000) / 10'000 * 100};
        expect(call_.costs.total_cost == total, "costs another sum than its minutes make");
        for (const auto& [sequence, fields] : told_.by_sequence) {
            if (fields.event == "call.ended") {
                expect(fields.total_cost == to_decimal(total), "tells another cost than it has");
                expect(fields.transferred_to == call_.transferred_to,
                       "tells another target than it has");
            }
        }
    }

private:
    void expect(bool holds, const std::string& otherwise) {
        if (!holds) {
            faults_.push_back(to_public(call_.id) + ' ' + otherwise);
        }
    }

    const Call& call_;
    const Told& told_;
    std::vector<std::string>& faults_;
};

}  // namespace

unsigned Told::count(std::string_view event, std::string_view destination) const {
    return static_cast<unsigned>(
        std::count_if(by_sequence.begin(), by_sequence.end(), [&](const auto& entry) {
            const EventFields& fields = entry.second;
            return fields.event == event &&
                   (destination.empty() || fields.destination == destination);
        }));
}

// Sorts what came by call, and sees to it that an event is one event however often it came.
void Simulation::hear(Faults& faults) {
    std::map<WebhookEventId, std::string> bodies;
    for (const Received& received : world_.received()) {
        const auto [known, fresh] = bodies.emplace(received.id, received.body);
        if (!fresh) {
            if (known->second != received.body) {
                faults.push_back(received.id.value() + " changed between attempts");
            }
            continue;
        }
        EventFields fields = read_body(received.body);
        Told& told = told_[fields.call];
        told.order.push_back(fields.sequence);
        const unsigned sequence = fields.sequence;
        const std::string name = fields.call;
        if (!told.by_sequence.emplace(sequence, std::move(fields)).second) {
            faults.push_back(name + " has two events with sequence " + std::to_string(sequence));
        }
    }
}

void Simulation::check_webhooks(Faults& faults) {
    for (const Call& call : calls_) {
        const auto told = told_.find(to_public(call.id));
        if (told == told_.end()) {
            faults.push_back(to_public(call.id) + " is a call the customer never heard of");
            continue;
        }
        Story story(call, told->second, faults);
        story.check_order(set_back_);
        story.check_course();
        story.check_transfers();
        story.check_gathers(world_.gathers());
        story.check_bill();
    }
    if (told_.size() > calls_.size()) {
        faults.emplace_back("the customer heard of calls that are not on record");
    }
    // A transfer that the carrier was asked for ends in one way.
    for (const Executed& done : world_.executed()) {
        const auto told = told_.find(to_public(done.call));
        if (done.kind != CommandKind::transfer || told == told_.end()) {
            continue;
        }
        const unsigned outcomes =
            told->second.count(completed, done.mark) + told->second.count(failed, done.mark);
        if (outcomes != 1) {
            faults.push_back("the transfer to " + done.mark + " has " + std::to_string(outcomes) +
                             " outcomes");
        }
    }
}

}  // namespace gw::sim
