# Puts a text file into a target as `std::string_view NAMESPACE::FUNCTION()`. In pieces that are joined at the first
# call, because a compiler need not take a longer literal than 64 KiB. A changed file configures anew.
function(gw_embed_text target file namespace function)
  file(READ ${PROJECT_SOURCE_DIR}/${file} text)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/${file})
  string(LENGTH "${text}" length)
  set(pieces "")
  set(at 0)
  while(at LESS length)
    string(SUBSTRING "${text}" ${at} 16000 piece)
    string(APPEND pieces "    R\"text(${piece})text\",\n")
    math(EXPR at "${at} + 16000")
  endwhile()
  set(out ${CMAKE_CURRENT_BINARY_DIR}/generated/${target}_${function}.cpp)
  file(CONFIGURE OUTPUT ${out} CONTENT [[
// Made from @file@; see cmake/embed_text.cmake.
#include <string>
#include <string_view>

namespace @namespace@ {
namespace {
constexpr std::string_view pieces[] = {
@pieces@};
}  // namespace
std::string_view @function@();
std::string_view @function@() {
    static const std::string text = [] {
        std::string whole;
        for (const std::string_view piece : pieces) {
            whole += piece;
        }
        return whole;
    }();
    return text;
}
}  // namespace @namespace@
]] @ONLY)
  target_sources(${target} PRIVATE ${out})
endfunction()
