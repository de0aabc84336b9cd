# Warnings are errors, for every target of ours; system headers are exempt because Boost and the
# others are found as SYSTEM includes.
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 14)
  message(FATAL_ERROR "g++ before 14 miscompiles coroutines used here (double free of temporaries in "
                      "a co_await expression); use the presets, which choose clang++-19.")
endif()
add_library(gw_warnings INTERFACE)
target_compile_options(gw_warnings INTERFACE -Wall -Wextra -Wpedantic -Wconversion -Wshadow
  -Wswitch-enum -Wnon-virtual-dtor -Wold-style-cast -Woverloaded-virtual -Werror)
