# GW_SANITIZE is a list for -fsanitize=, empty for none. A finding ends the program: a sanitizer
# report that only prints is a test that cannot fail.
set(GW_SANITIZE "" CACHE STRING "comma-separated sanitizers, for example address,undefined")
if(GW_SANITIZE)
  add_compile_options(-fsanitize=${GW_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  # The vptr check opens a pipe to see whether memory is readable: where a test takes every descriptor it
  # reports sound objects as broken.
  add_compile_options(-fno-sanitize=vptr)
  add_link_options(-fsanitize=${GW_SANITIZE})
endif()
