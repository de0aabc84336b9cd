// The gateway's program; everything is behind the command line.
#include "gateway/cli.hpp"

// jemalloc reads this at its start (its manual, TUNING); MALLOC_CONF in the environment overrides
// it. Why huge pages: docs/decisions/0001-architecture.md. Without jemalloc it is a name like any
// other.
extern "C" {
extern const char* malloc_conf;
[[gnu::used]] const char* malloc_conf = "thp:always,metadata_thp:always";
}

int main(int argc, char** argv) {
    return gw::run_cli(argc, argv);
}
