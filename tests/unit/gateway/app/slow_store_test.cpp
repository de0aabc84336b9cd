// A store that takes its time: who asked hears that it was not kept in time, what he asked for is
// done all the same, and done once.
#include "tests/unit/gateway/app/rig.hpp"

namespace gw::app::testing {
namespace {

using boost::asio::awaitable;

// The store in memory, whose commits may last.
class SlowStore final : public ports::CallStore {
public:
    SlowStore(ports::CallStore& store, ports::Clock& clock) : store_(store), clock_(clock) {}
    void let_commits_last(milliseconds time) { commits_last_ = time; }

    using ports::CallStore::commit;
    awaitable<Result<void>> commit(std::shared_ptr<const ports::CallCommit> commit) override {
        co_await clock_.sleep_for(commits_last_);
        co_return co_await store_.commit(std::move(commit));
    }
    CallId next_call_id() override { return store_.next_call_id(); }
    DeliveryId next_delivery_id() override { return store_.next_delivery_id(); }
    awaitable<Result<std::optional<ports::LoadedCall>>> load_by_leg(CallControlId leg) override {
        return store_.load_by_leg(std::move(leg));
    }
    awaitable<Result<std::optional<Call>>> load(CallId id) override { return store_.load(id); }
    awaitable<Result<std::vector<ports::LoadedCall>>> load_live() override {
        return store_.load_live();
    }
    awaitable<Result<ports::CallPage>> list(ports::ProjectScope scope, ports::CallFilter filter,
                                            std::optional<ports::CallCursor> after,
                                            std::size_t limit) override {
        return store_.list(std::move(scope), filter, after, limit);
    }
    awaitable<Result<ports::CallSummary>> summarize(ports::ProjectScope scope,
                                                    ports::SummaryFilter filter) override {
        return store_.summarize(std::move(scope), filter);
    }
    awaitable<Result<std::vector<ports::TimelineRow>>> timeline(CallId id, std::uint32_t after_seq,
                                                                std::size_t limit) override {
        return store_.timeline(id, after_seq, limit);
    }
    awaitable<Result<std::vector<ports::OwedCommand>>> owed_commands() override {
        return store_.owed_commands();
    }
    awaitable<Result<void>> park(ports::ParkedEvent event) override {
        return store_.park(std::move(event));
    }
    awaitable<Result<std::vector<ports::ParkedEvent>>> parked() override { return store_.parked(); }
    awaitable<Result<void>> discard_parked(std::vector<EventId> events) override {
        return store_.discard_parked(std::move(events));
    }
    void note_repeat(EventId id, UtcTime occurred_at) override {
        store_.note_repeat(std::move(id), occurred_at);
    }
    awaitable<Result<void>> ping() override { return store_.ping(); }

private:
    ports::CallStore& store_;
    ports::Clock& clock_;
    milliseconds commits_last_{0};
};

// The registry over that store stands beside the process of the rig, which has no calls here.
class StoreThatIsSlow : public Rig {
protected:
    StoreThatIsSlow() {
        RegistryOptions options;
        options.connection_id = "1";
        registry_ = std::make_unique<CallRegistry>(process->io.get_executor(),
                                                   RegistryPorts{.store = slow_,
                                                                 .encoder = process->encoder,
                                                                 .clock = clock,
                                                                 .random = process->random,
                                                                 .log = process->log,
                                                                 .metrics = process->metrics,
                                                                 .directory = process->directory},
                                                   options);
        registry_->connect({.command = [](CallId, const SendCommand&) {},
                            .ask_carrier = [](CallId, const CallControlId&) {},
                            .webhook = [](CallId, const ports::OutboundEvent&) {},
                            .finished = {},
                            .doubt = {},
                            .changed = {}});
        EXPECT_TRUE(wait(registry_->start()));
    }
    ~StoreThatIsSlow() override {
        wait(registry_->stop());
        registry_.reset();
    }

    // An event on its way: what it is answered, once it is.
    using Answer = std::shared_ptr<std::optional<Result<Intake>>>;
    Answer deliver(CarrierEvent event) {
        auto answer = std::make_shared<std::optional<Result<Intake>>>();
        boost::asio::co_spawn(
            process->io, registry_->take(std::move(event)),
            [answer](std::exception_ptr, Result<Intake> result) { *answer = std::move(result); });
        return answer;
    }
    std::vector<ports::TimelineRow> rows(std::string_view kind) {
        auto all = wait(slow_.timeline(CallId{1}, 0, 1000)).value();
        std::erase_if(all, [kind](const auto& row) { return row.kind != kind; });
        return all;
    }

    SlowStore slow_{store, clock};
    std::unique_ptr<CallRegistry> registry_;
};

TEST_F(StoreThatIsSlow, AnEventIsRefusedInTimeAndItsCommitGoesOnAndItsRepetitionIsADuplicate) {
    const Answer begun = deliver(initiated());
    clock.advance(milliseconds{1});
    ASSERT_TRUE(*begun && (*begun)->has_value());
    slow_.let_commits_last(seconds{5});

    const CarrierEvent first = answered();
    const Answer answer = deliver(first);
    clock.advance(milliseconds{1'499});
    EXPECT_FALSE(*answer);
    clock.advance(milliseconds{1});
    ASSERT_TRUE(*answer) << "the carrier waits for two seconds";
    EXPECT_EQ((*answer)->error().code(), Errc::unavailable);
    EXPECT_EQ(call().status, CallStatus::ringing);

    // It comes again while the commit is under way: not a second one, and no news.
    const Answer again = deliver(first);
    clock.advance(milliseconds{1'500});
    ASSERT_TRUE(*again);
    EXPECT_EQ((*again)->error().code(), Errc::unavailable);
    EXPECT_TRUE(rows("call.answered").empty());

    clock.advance(seconds{2});
    EXPECT_EQ(call().status, CallStatus::in_progress) << "the commit went on";
    const Answer repeated = deliver(first);
    clock.advance(milliseconds{10});
    ASSERT_TRUE(*repeated);
    EXPECT_EQ((*repeated)->value(), Intake::duplicate);
    ASSERT_EQ(rows("call.answered").size(), 1U);
    EXPECT_GE(rows("call.answered").front().repeats, 1U);
}

}  // namespace
}  // namespace gw::app::testing
