// Runs programs in turn and says what each costs: measure ROUNDS -- PROGRAM ARG... [-- PROGRAM ...]
//
// One line per program: median and least wall-clock time, median CPU time (all in microseconds),
// peak memory (KiB), exit status. The programs alternate, so that a change of the machine's load
// falls on all of them. A program of its own because the kernel counts the memory of the process
// that starts another towards the other's peak: this one is small.
#include <fcntl.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <vector>

namespace {

struct Program {
  std::vector<char*> argv;
  std::vector<long> wall;
  std::vector<long> cpu;
  long peak_kib = 0;
  int status = 0;
};

long microseconds(const timeval& time) { return time.tv_sec * 1'000'000L + time.tv_usec; }

bool run(Program& program, posix_spawn_file_actions_t& quiet) {
  const auto start = std::chrono::steady_clock::now();
  pid_t child = 0;
  if (posix_spawnp(&child, program.argv[0], &quiet, nullptr, program.argv.data(), environ) != 0) {
    return false;
  }
  int status = 0;
  rusage usage{};
  if (wait4(child, &status, 0, &usage) != child || !WIFEXITED(status)) return false;
  const auto wall = std::chrono::steady_clock::now() - start;
  program.wall.push_back(
      static_cast<long>(std::chrono::duration_cast<std::chrono::microseconds>(wall).count()));
  program.cpu.push_back(microseconds(usage.ru_utime) + microseconds(usage.ru_stime));
  program.peak_kib = std::max(program.peak_kib, usage.ru_maxrss);
  program.status = WEXITSTATUS(status);
  return true;
}

long median(std::vector<long> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

}  // namespace

int main(int argc, char** argv) {
  const int rounds = argc > 1 ? std::atoi(argv[1]) : 0;
  std::vector<Program> programs;
  for (int i = 2; i < argc; ++i) {
    if (std::strcmp(argv[i], "--") == 0) {
      programs.emplace_back();
    } else if (!programs.empty()) {
      programs.back().argv.push_back(argv[i]);
    }
  }
  if (rounds < 1 || programs.empty()) {
    std::fprintf(stderr, "usage: measure ROUNDS -- PROGRAM ARG... [-- PROGRAM ARG...]\n");
    return 2;
  }
  posix_spawn_file_actions_t quiet;
  posix_spawn_file_actions_init(&quiet);
  posix_spawn_file_actions_addopen(&quiet, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_addopen(&quiet, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  for (Program& program : programs) program.argv.push_back(nullptr);
  for (int round = 0; round < rounds; ++round) {
    for (Program& program : programs) {
      if (run(program, quiet)) continue;
      std::fprintf(stderr, "measure: cannot run %s\n", program.argv[0]);
      return 1;
    }
  }
  for (const Program& program : programs) {
    std::printf("%ld %ld %ld %ld %d\n", median(program.wall),
                *std::min_element(program.wall.begin(), program.wall.end()), median(program.cpu),
                program.peak_kib, program.status);
  }
  return 0;
}
