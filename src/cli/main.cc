#include <string>
#include <vector>

#include "cli/commands.h"
#include "cli/heap.h"

int main(int argc, char** argv) {
  proctor::cli::prepare_heap();
  return proctor::cli::run(std::vector<std::string>(argv + (argc > 0 ? 1 : 0), argv + argc));
}
