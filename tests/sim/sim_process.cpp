#include "tests/sim/sim_process.hpp"

#include <charconv>
#include <sstream>

namespace gw::sim {
namespace asio = boost::asio;
using std::chrono::milliseconds;
using std::chrono::seconds;

bool SimTelnyx::swallows(const SendCommand& command) const {
    const bool hangs_up = command.kind == CommandKind::hangup;
    return (sabotage_ == Sabotage::never_end && hangs_up) ||
           (sabotage_ == Sabotage::leave_target && command.kind == CommandKind::hangup_target) ||
           (sabotage_ == Sabotage::accept_without_doing && command.kind == CommandKind::transfer);
}

void SimTelnyx::tamper(SendCommand& command) {
    const bool anew = sabotage_ == Sabotage::new_command_ids ||
                      (sabotage_ == Sabotage::dial_again && command.kind == CommandKind::dial);
    if (anew) {
        command.command_id = CommandId{command.command_id.value() + "+"};
    }
    if (auto* order = std::get_if<TransferOrder>(&command.order);
        order && sabotage_ == Sabotage::change_command) {
        order->to += "0";
    }
}

asio::awaitable<CommandResult> SimTelnyx::send(CallId call, SendCommand command,
                                               std::function<bool()> still_wanted) {
    CommandResult result{.command_id = command.command_id,
                         .kind = command.kind,
                         .outcome = CommandOutcome::superseded,
                         .detail = {},
                         .attempts = 0};
    for (std::uint32_t attempt = 1; attempt <= 8; ++attempt) {
        co_await clock_.sleep_for(milliseconds{1 + world_.draw(40)});
        if (!still_wanted()) {
            result.outcome = CommandOutcome::superseded;
            co_return result;
        }
        result.attempts = attempt;
        if (swallows(command)) {
            result.outcome = CommandOutcome::accepted;
            co_return result;
        }
        const CommandId id = result.command_id;
        result = world_.execute(call, command, process_);
        result.command_id = id;
        result.attempts = attempt;
        if (result.outcome != CommandOutcome::unknown) {
            co_await clock_.sleep_for(world_.reply_time());
            co_return result;
        }
        tamper(command);
        co_await clock_.sleep_for(milliseconds{300});
    }
    co_return result;
}

asio::awaitable<CarrierStatus> SimTelnyx::status(CallControlId leg) {
    co_await clock_.sleep_for(milliseconds{1 + world_.draw(40)});
    if (sabotage_ == Sabotage::never_end) {
        co_return CarrierStatus{
            .view = CarrierView::alive, .end_time = {}, .detail = {}, .leg = std::move(leg)};
    }
    co_return world_.ask(leg);
}

asio::awaitable<ports::AttemptOutcome> SimSender::attempt(ports::WebhookAttempt attempt) {
    co_await clock_.sleep_for(milliseconds{1 + world_.draw(200)});
    if (sabotage_ == Sabotage::change_body) {
        attempt.body += std::to_string(world_.draw(1'000'000));
    }
    if (sabotage_ == Sabotage::drop_webhook && world_.chance(20)) {
        ports::AttemptOutcome made_up;
        made_up.success = true;
        made_up.status_code = 200;
        co_return made_up;
    }
    co_return world_.receive(attempt);
}

std::string SimEncoder::encode(const Call& call, const PublicEvent& event) const {
    if (throws > 0) {
        --throws;
        throw std::runtime_error("no body");
    }
    std::string word(word_of(event.type));
    std::string input = event.input.value_or("none");
    MicroMoney cost = call.costs.total_cost;
    if (sabotage_ == Sabotage::gather_told_twice && word == "call.dtmf.received") {
        word = "call.gather.completed";
    } else if (sabotage_ == Sabotage::praise_transfer && word == "transfer.failed") {
        word = "transfer.completed";
    } else if (sabotage_ == Sabotage::invent_digits && event.input) {
        input += "7";
    } else if (sabotage_ == Sabotage::overcharge && word == "call.ended") {
        cost.micros += 100;
    }
    std::string out = to_public(call.id);
    for (const std::string& field :
         {std::to_string(event.sequence), word, event.id.value(), event.destination, event.reason,
          input, to_decimal(cost), call.transferred_to}) {
        out += '|' + field;
    }
    return out;
}

EventFields read_body(const std::string& body) {
    std::istringstream in(body);
    EventFields fields;
    std::string sequence;
    for (std::string* field :
         {&fields.call, &sequence, &fields.event, &fields.id, &fields.destination, &fields.reason,
          &fields.input, &fields.total_cost, &fields.transferred_to}) {
        std::getline(in, *field, '|');
    }
    std::from_chars(sequence.data(), sequence.data() + sequence.size(), fields.sequence);
    return fields;
}

void SeededRandom::fill(std::span<std::uint8_t> out) {
    for (std::uint8_t& byte : out) {
        byte = static_cast<std::uint8_t>(random_());
    }
}

ports::DirectoryContent sim_directory() {
    ports::DirectoryContent content;
    content.orgs.push_back({.id = OrgId{42}, .name = "Acme", .tier = ports::Tier::enterprise});
    content.projects.push_back(
        {.id = ProjectId{1}, .public_id = "proj_00000001", .org_id = OrgId{42}, .name = "Main"});
    ports::Agent agent;
    agent.id = AgentId{7};
    agent.public_id = "agent_28c51f81";
    agent.project_id = ProjectId{1};
    agent.phone_numbers = {"+31850012345"};
    agent.max_duration = seconds{60};
    agent.rates.rate = {250'000};
    agent.rates.call_rate = {220'000};
    agent.rates.transfer_rate = {100'000};
    agent.rates.llm_discount = {10'000};
    content.agents.push_back(agent);
    ports::Endpoint endpoint;
    endpoint.agent_id = AgentId{7};
    endpoint.url = "https://customer.example/hook";
    endpoint.secret = "whsec_c2VjcmV0";
    endpoint.events = {"*"};
    content.endpoints.push_back(endpoint);
    return content;
}

namespace {

app::RegistryOptions registry_options() {
    app::RegistryOptions options;
    options.connection_id = "1";
    return options;
}

app::DispatcherOptions dispatcher_options() {
    app::DispatcherOptions options;
    options.retry_schedule.assign(9, seconds{5});
    return options;
}

}  // namespace

SimProcess::SimProcess(fakes::ManualClock& clock, fakes::MemoryStore& store, CarrierWorld& world,
                       std::uint64_t seed, Sabotage sabotage, unsigned its_number)
    : number(its_number),
      random(seed),
      encoder(sabotage),
      directory(static_cast<ports::DirectoryStore&>(store).load()),
      telnyx(world, clock, sabotage, its_number),
      sender(world, clock, sabotage),
      registry(io.get_executor(),
               {.store = store,
                .encoder = encoder,
                .clock = clock,
                .random = random,
                .log = log,
                .metrics = metrics,
                .directory = directory},
               registry_options()),
      commands(io.get_executor(), telnyx, registry, store, clock, log),
      checks(io.get_executor(), telnyx, registry, log),
      dispatcher(io.get_executor(),
                 {.outbox = store,
                  .sender = sender,
                  .clock = clock,
                  .random = random,
                  .log = log,
                  .metrics = metrics,
                  .directory = directory},
                 dispatcher_options()),
      calls(registry, store, store, clock),
      tasks(io.get_executor()) {
    clock.move_into(io);
    registry.connect(
        {.command = [this](CallId id, const SendCommand& c) { commands.run(id, c); },
         .ask_carrier = [this](CallId id, const CallControlId& leg) { checks.ask(id, leg); },
         .webhook = [this](CallId id,
                           const ports::OutboundEvent& e) { dispatcher.hand_over(id, e); },
         .finished = [this](const CommandId& id) { commands.finished(id); },
         .doubt = [this] { dispatcher.doubt(); },
         .changed = {}});
    tasks.spawn(start());
}

asio::awaitable<void> SimProcess::stop() {
    co_await checks.stop();
    co_await commands.stop();
    co_await dispatcher.stop();
    co_await registry.stop();
    tasks.cancel();
    co_await tasks.wait();
}

asio::awaitable<void> SimProcess::start() {
    // A store that fails at start ends the process; whoever runs it starts it again.
    const auto calls_loaded = co_await registry.start();
    const auto commands_loaded = co_await commands.start();
    const auto deliveries_loaded = co_await dispatcher.start();
    started = calls_loaded && commands_loaded && deliveries_loaded;
}

}  // namespace gw::sim
