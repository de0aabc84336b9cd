#pragma once
// SPDX-License-Identifier: Apache-2.0
// The command line: serve, check-config, doctor, migrate, keys, replay, version.
namespace gw {

// Exit codes: 0 done, 1 could not, 2 wrong usage or a faulty configuration.
int run_cli(int argc, char** argv);

}  // namespace gw
