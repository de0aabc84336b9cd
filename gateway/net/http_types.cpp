// SPDX-License-Identifier: Apache-2.0
#include "gateway/net/http_types.hpp"

#include "gateway/net/ascii.hpp"

#include <algorithm>

namespace gw::net {

void Headers::add(std::string name, std::string value) {
    fields_.push_back(Header{std::move(name), std::move(value)});
}

void Headers::reserve(std::size_t fields) {
    fields_.reserve(fields);
}

void Headers::set(std::string_view name, std::string value) {
    const auto same = [name](const Header& field) { return ascii_iequals(field.name, name); };
    const auto first = std::find_if(fields_.begin(), fields_.end(), same);
    if (first == fields_.end()) {
        add(std::string(name), std::move(value));
        return;
    }
    first->value = std::move(value);
    fields_.erase(std::remove_if(first + 1, fields_.end(), same), fields_.end());
}

std::optional<std::string_view> Headers::find(std::string_view name) const {
    for (const Header& field : fields_) {
        if (ascii_iequals(field.name, name)) {
            return field.value;
        }
    }
    return std::nullopt;
}

std::size_t Headers::count(std::string_view name) const {
    return static_cast<std::size_t>(
        std::count_if(fields_.begin(), fields_.end(),
                      [name](const Header& field) { return ascii_iequals(field.name, name); }));
}

}  // namespace gw::net
