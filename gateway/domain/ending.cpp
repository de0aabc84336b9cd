#include "gateway/domain/ending.hpp"

namespace gw {
namespace {

bool remote_person_hung_up(const Call& call, const CarrierHangup& hangup) {
    const HangupSource remote =
        call.direction == Direction::inbound ? HangupSource::caller : HangupSource::callee;
    return hangup.source == remote;
}

// Carrier causes with which an answered call may end well.
bool ends_well(HangupCause cause) {
    switch (cause) {
        case HangupCause::normal_clearing:
        case HangupCause::originator_cancel:
        case HangupCause::time_limit:
        case HangupCause::timeout:
            return true;
        case HangupCause::call_rejected:
        case HangupCause::user_busy:
        case HangupCause::not_found:
        case HangupCause::no_answer:
        case HangupCause::unspecified:
        case HangupCause::other:
            return false;
    }
    return false;
}

// Rules 3 to 5 for ended_reason of an answered call that nobody of ours asked to end.
EndedReason reason_by_carrier(const Call& call, const CarrierHangup& hangup) {
    if (hangup.cause == HangupCause::time_limit) {
        return EndedReason::max_duration;
    }
    if (hangup.cause == HangupCause::timeout) {
        return EndedReason::timeout;
    }
    if (!ends_well(hangup.cause)) {
        return EndedReason::error;
    }
    return remote_person_hung_up(call, hangup) ? EndedReason::caller_hangup
                                               : EndedReason::agent_hangup;
}

Ending ending_of_answered(const Call& call) {
    const Disposition disposition = call.disposition.value_or(Disposition::answered);
    if (call.hangup_asked) {
        const EndedReason reason = call.hangup_asked->reason;
        const bool failed = reason == EndedReason::error;
        return {failed ? CallStatus::failed : CallStatus::completed, disposition, reason};
    }
    if (disposition == Disposition::transferred) {
        return {CallStatus::completed, disposition, EndedReason::transfer};
    }
    if (!call.hangup || !ends_well(call.hangup->cause)) {
        return {CallStatus::failed, disposition, EndedReason::error};
    }
    return {CallStatus::completed, disposition, reason_by_carrier(call, *call.hangup)};
}

Ending ending_of_unanswered_inbound(const Call& call) {
    if (call.refusal) {
        return {CallStatus::rejected, Disposition::rejected, std::nullopt};
    }
    if (call.hangup_asked) {  // it rang for too long and we gave up
        return {CallStatus::no_answer, Disposition::no_answer, call.hangup_asked->reason};
    }
    if (call.hangup) {
        const bool gave_up = call.hangup->cause == HangupCause::originator_cancel ||
                             (call.hangup->cause == HangupCause::normal_clearing &&
                              call.hangup->source == HangupSource::caller);
        if (gave_up) {
            return {CallStatus::canceled, Disposition::no_answer, EndedReason::caller_hangup};
        }
    }
    return {CallStatus::failed, Disposition::failed, EndedReason::error};
}

Ending ending_of_unanswered_outbound(const Call& call) {
    if (call.hangup_asked && call.hangup_asked->reason == EndedReason::api) {
        return {CallStatus::canceled, Disposition::no_answer, EndedReason::api};
    }
    if (call.hangup_asked) {  // it rang for too long and we gave up
        return {CallStatus::no_answer, Disposition::no_answer, EndedReason::timeout};
    }
    switch (call.hangup ? call.hangup->cause : HangupCause::other) {
        case HangupCause::user_busy:
            return {CallStatus::busy, Disposition::busy, std::nullopt};
        case HangupCause::timeout:
        case HangupCause::no_answer:
            return {CallStatus::no_answer, Disposition::no_answer, EndedReason::timeout};
        case HangupCause::call_rejected:
            return {CallStatus::rejected, Disposition::rejected, std::nullopt};
        case HangupCause::originator_cancel:
            return {CallStatus::canceled, Disposition::no_answer, EndedReason::api};
        case HangupCause::normal_clearing:
        case HangupCause::time_limit:
        case HangupCause::not_found:
        case HangupCause::unspecified:
        case HangupCause::other:
            return {CallStatus::failed, Disposition::failed, EndedReason::error};
    }
    return {};
}

}  // namespace

Ending ending_of(const Call& call) {
    if (call.started_at) {
        return ending_of_answered(call);
    }
    return call.direction == Direction::inbound ? ending_of_unanswered_inbound(call)
                                                : ending_of_unanswered_outbound(call);
}

bool proves_unanswered(HangupCause cause) {
    switch (cause) {
        case HangupCause::originator_cancel:
        case HangupCause::user_busy:
        case HangupCause::no_answer:
        case HangupCause::call_rejected:
        case HangupCause::not_found:
            return true;
        case HangupCause::normal_clearing:
        case HangupCause::timeout:
        case HangupCause::time_limit:
        case HangupCause::unspecified:
        case HangupCause::other:
            return false;
    }
    return false;
}

}  // namespace gw
