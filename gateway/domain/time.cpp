#include "gateway/domain/time.hpp"

#include <array>
#include <cstdint>
#include <cstdio>

namespace gw {
namespace {

using std::chrono::days;
using std::chrono::microseconds;
using std::chrono::seconds;

// Reads exactly `count` digits; -1 when one is not a digit or the text is too short.
int digits(std::string_view text, std::size_t from, std::size_t count) {
    if (from + count > text.size()) {
        return -1;
    }
    int value = 0;
    for (std::size_t i = from; i < from + count; ++i) {
        if (text[i] < '0' || text[i] > '9') {
            return -1;
        }
        value = value * 10 + (text[i] - '0');
    }
    return value;
}

std::optional<std::chrono::sys_days> parse_day(std::string_view text) {
    const int year = digits(text, 0, 4);
    const int month = digits(text, 5, 2);
    const int day = digits(text, 8, 2);
    if (year < 1 || month < 0 || day < 0 || text[4] != '-' || text[7] != '-') {
        return std::nullopt;
    }
    const std::chrono::year_month_day date{std::chrono::year{year},
                                           std::chrono::month{static_cast<unsigned>(month)},
                                           std::chrono::day{static_cast<unsigned>(day)}};
    if (!date.ok()) {
        return std::nullopt;
    }
    return std::chrono::sys_days{date};
}

// The zone after the seconds: 'Z' or ±hh:mm, as the offset to subtract.
std::optional<seconds> parse_zone(std::string_view zone) {
    if (zone == "Z" || zone == "z") {
        return seconds{0};
    }
    if (zone.size() != 6 || (zone[0] != '+' && zone[0] != '-') || zone[3] != ':') {
        return std::nullopt;
    }
    const int hours = digits(zone, 1, 2);
    const int minutes = digits(zone, 4, 2);
    if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59) {
        return std::nullopt;
    }
    const seconds offset{(hours * 60 + minutes) * 60};
    return zone[0] == '+' ? offset : -offset;
}

struct Parts {
    int year, month, day, hour, minute, second, micros;
};

Parts parts_of(UtcTime at) {
    const auto day = std::chrono::floor<days>(at);
    const std::chrono::year_month_day date{day};
    const std::chrono::hh_mm_ss time{at - day};
    return {static_cast<int>(date.year()),
            static_cast<int>(static_cast<unsigned>(date.month())),
            static_cast<int>(static_cast<unsigned>(date.day())),
            static_cast<int>(time.hours().count()),
            static_cast<int>(time.minutes().count()),
            static_cast<int>(time.seconds().count()),
            static_cast<int>(time.subseconds().count())};
}

// Writes `value` with `width` digits and leading zeros.
void put(std::string& out, int value, int width) {
    std::array<char, 8> digits_reversed{};
    for (int i = 0; i < width; ++i) {
        digits_reversed[static_cast<std::size_t>(i)] = static_cast<char>('0' + value % 10);
        value /= 10;
    }
    for (int i = width; i-- > 0;) {
        out.push_back(digits_reversed[static_cast<std::size_t>(i)]);
    }
}

std::string to_seconds(const Parts& p) {
    std::string out;
    out.reserve(28);
    put(out, p.year, 4);
    out.push_back('-');
    put(out, p.month, 2);
    out.push_back('-');
    put(out, p.day, 2);
    out.push_back('T');
    put(out, p.hour, 2);
    out.push_back(':');
    put(out, p.minute, 2);
    out.push_back(':');
    put(out, p.second, 2);
    return out;
}

}  // namespace

std::string to_rfc3339(UtcTime at) {
    return to_seconds(parts_of(at)) + 'Z';
}

std::string to_rfc3339_micros(UtcTime at) {
    const Parts p = parts_of(at);
    std::string out = to_seconds(p);
    out.push_back('.');
    put(out, p.micros, 6);
    out.push_back('Z');
    return out;
}

std::optional<UtcTime> parse_rfc3339(std::string_view text) {
    if (text.size() < 20 || (text[10] != 'T' && text[10] != 't') || text[13] != ':' ||
        text[16] != ':') {
        return std::nullopt;
    }
    const auto day = parse_day(text);
    const int hour = digits(text, 11, 2);
    const int minute = digits(text, 14, 2);
    int second = digits(text, 17, 2);
    if (!day || hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 60) {
        return std::nullopt;
    }
    second = second == 60 ? 59 : second;
    std::size_t next = 19;
    std::int64_t micros = 0;
    if (text[next] == '.') {
        std::int64_t scale = 100'000;
        const std::size_t first = ++next;
        for (; next < text.size() && text[next] >= '0' && text[next] <= '9'; ++next) {
            micros += scale * (text[next] - '0');
            scale /= 10;
        }
        if (next == first) {
            return std::nullopt;
        }
    }
    const auto zone = parse_zone(text.substr(next));
    if (!zone) {
        return std::nullopt;
    }
    const UtcTime at =
        *day + seconds{(hour * 60 + minute) * 60 + second} + microseconds{micros} - *zone;
    if (micros_of(at) < 0) {
        return std::nullopt;
    }
    return at;
}

std::optional<UtcTime> parse_date(std::string_view text) {
    if (text.size() != 10) {
        return std::nullopt;
    }
    const auto day = parse_day(text);
    if (!day) {
        return std::nullopt;
    }
    return UtcTime{*day};
}

}  // namespace gw
