# The release build is optimized by how often each branch of the gateway is taken under load: cmake/gateway.profdata, written
# by tests/bench/train.sh, which says when to renew it. What it gains is in docs/decisions/0001-architecture.md. Code that
# changed since is compiled as without a profile. Names of local functions carry their file's name without its folder, so that
# the profile fits a checkout anywhere.
set(GW_PROFILE "${PROJECT_SOURCE_DIR}/cmake/gateway.profdata" CACHE FILEPATH "profile of the release build; empty: none")
set(GW_PROFILE_OPTIONS "")
if(CMAKE_BUILD_TYPE STREQUAL "Release" AND CMAKE_CXX_COMPILER_ID STREQUAL "Clang"
    AND CMAKE_CXX_COMPILER_VERSION VERSION_GREATER_EQUAL 19 AND NOT GW_SANITIZE)
  if(GW_PROFILE AND EXISTS "${GW_PROFILE}")
    # The hash says nothing to the code; it makes a renewed profile a reason to compile anew.
    file(SHA256 "${GW_PROFILE}" GW_PROFILE_HASH)
    set_property(DIRECTORY "${PROJECT_SOURCE_DIR}" APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${GW_PROFILE}")
    set(GW_PROFILE_OPTIONS "-fprofile-use=${GW_PROFILE}" "SHELL:-mllvm -static-func-full-module-prefix=0"
      -Wno-profile-instr-out-of-date -Wno-profile-instr-unprofiled -Wno-backend-plugin "-DGW_PROFILE_${GW_PROFILE_HASH}")
  else()
    message(STATUS "optimized without a profile: no file '${GW_PROFILE}'")
  endif()
endif()
# For what the release executable is made of.
function(gw_optimize target)
  target_compile_options(${target} PRIVATE ${GW_LTO_OPTIONS} ${GW_PROFILE_OPTIONS})
endfunction()
