# The gateway is optimized across its layers (ThinLTO); what it gains is in docs/decisions/0001-architecture.md. Its objects are
# fat: tests and tools link the same ones as usual, and nothing is compiled twice.
set(GW_LTO_OPTIONS "")
find_program(GW_LLD NAMES ld.lld-19 ld.lld)
if(CMAKE_BUILD_TYPE STREQUAL "Release" AND CMAKE_CXX_COMPILER_ID STREQUAL "Clang" AND GW_LLD AND NOT GW_SANITIZE)
  set(GW_LTO_OPTIONS -flto=thin -ffat-lto-objects)
endif()
function(gw_lto_link target)
  if(GW_LTO_OPTIONS)
    target_link_options(${target} PRIVATE ${GW_LTO_OPTIONS} -fuse-ld=lld)
  endif()
endfunction()
