// The gateway's program; everything is behind the command line.
#include "gateway/cli.hpp"

int main(int argc, char** argv) {
    return gw::run_cli(argc, argv);
}
