// SPDX-License-Identifier: Apache-2.0
#include "gateway/store/access_store.hpp"

#include "gateway/store/directory_rows.hpp"

namespace gw::store {

using asio::awaitable;

awaitable<Result<ports::OnceFound>> AccessStore::begin_once(ports::OnceRequest request,
                                                            UtcTime kept_since) {
    return submit<ports::OnceFound>(writes_, [request, kept_since](WriteSide& side) {
        return side.access.begin_once(request, kept_since);
    });
}

awaitable<Result<void>> AccessStore::answer_once(ports::Digest id, ports::KeptAnswer answer) {
    return submit<void>(writes_, [id, answer = std::move(answer)](WriteSide& side) {
        return side.access.answer_once(id, answer);
    });
}

awaitable<Result<void>> AccessStore::forget_once(ports::Digest id) {
    return submit<void>(writes_, [id](WriteSide& side) { return side.access.forget_once(id); });
}

awaitable<Result<std::size_t>> AccessStore::sweep_once(UtcTime before, std::size_t limit) {
    return submit<std::size_t>(writes_, [before, limit](WriteSide& side) {
        return side.access.sweep_once(before, limit);
    });
}

void AccessStore::record(ports::AuditEntry entry) {
    submit_unawaited(
        writes_, [entry = std::move(entry)](WriteSide& side) { return side.access.record(entry); });
}

awaitable<Result<std::optional<ports::KeyList>>> AccessStore::keys_unless(std::int64_t known) {
    using Found = std::optional<ports::KeyList>;
    return submit<Found>(reads_, [known](ReadSide& side) -> Result<Found> {
        const std::int64_t version = side.db.number_of("SELECT version FROM key_changes");
        if (version == known) {
            return Found();
        }
        return Found(ports::KeyList{.version = version, .keys = load_keys(side.db)});
    });
}

}  // namespace gw::store
