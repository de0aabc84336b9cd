# Puts the numbered migration files of a folder into a target as C++ text, so that the binary carries its
# schema. A changed file configures anew.
function(gw_embed_sql target folder)
  file(GLOB files CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/${folder}/*.sqlite.sql)
  list(SORT files)
  set(rows "")
  foreach(file IN LISTS files)
    get_filename_component(base ${file} NAME)
    string(REGEX REPLACE "^0*([0-9]+)_(.+)\\.sqlite\\.sql$" "\\1;\\2" parts ${base})
    list(GET parts 0 number)
    list(GET parts 1 title)
    file(READ ${file} text)
    string(APPEND rows "    {${number}, \"${title}\", R\"sql(${text})sql\"},\n")
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
  endforeach()
  set(out ${CMAKE_CURRENT_BINARY_DIR}/generated/${target}_migrations.cpp)
  file(CONFIGURE OUTPUT ${out} CONTENT [[
// Made from the schema folder of the store; see cmake/embed_sql.cmake.
#include "gateway/store/migrations.hpp"

namespace gw::store {
namespace {
constexpr Migration embedded[] = {
@rows@};
}  // namespace
std::span<const Migration> embedded_migrations() { return embedded; }
}  // namespace gw::store
]] @ONLY)
  target_sources(${target} PRIVATE ${out})
endfunction()
