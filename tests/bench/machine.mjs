// SPDX-License-Identifier: Apache-2.0
// What the figures were taken on and with: said beside every table.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import os from 'node:os';

function first_line(program, args) {
  try {
    return execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).split('\n')[0].trim();
  } catch {
    return 'unknown';
  }
}

function distribution() {
  try {
    return /^PRETTY_NAME="(.*)"$/m.exec(readFileSync('/etc/os-release', 'utf8'))[1];
  } catch {
    return 'unknown';
  }
}

export function machine(folder) {
  const [source, type] = first_line('findmnt', ['--noheadings', '--output', 'SOURCE,FSTYPE', '--target', folder]).split(/\s+/);
  const package_version = (name) => first_line('dpkg-query', ['--show', '--showformat=${Version}', name]);
  return {
    date: new Date().toISOString().slice(0, 10),
    processor: os.cpus()[0].model,
    cores: os.cpus().length,
    kernel: os.release(),
    system: distribution(),
    memory_gib: os.totalmem() / 2 ** 30,
    disk: `${type} on ${source}`,
    virtual: /^flags.*\bhypervisor\b/m.test(readFileSync('/proc/cpuinfo', 'utf8')),
    compiler: first_line('clang++-19', ['--version']),
    libsodium: package_version('libsodium23'),
    sqlite: package_version('libsqlite3-0'),
    node: process.version,
    commit: first_line('git', ['rev-parse', '--short=12', 'HEAD']),
    load_average: os.loadavg()[0],
  };
}
