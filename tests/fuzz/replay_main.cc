// A main for fuzz targets where libFuzzer is not at hand: replays the files named on the command
// line, then mutates them for a bounded time. With clang, build the target with
// -fsanitize=fuzzer and leave this file out.
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <random>
#include <string>
#include <string_view>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace {

using Bytes = std::string;
using Random = std::mt19937;

constexpr size_t kMaxSize = 4096;

Bytes read_whole(const char* path) {
  Bytes bytes;
  std::FILE* file = std::fopen(path, "rb");
  if (file == nullptr) return bytes;
  char chunk[4096];
  for (size_t n = std::fread(chunk, 1, sizeof chunk, file); n > 0;
       n = std::fread(chunk, 1, sizeof chunk, file)) {
    bytes.append(chunk, n);
  }
  std::fclose(file);
  return bytes;
}

size_t below(Random& random, size_t limit) {
  return limit == 0 ? 0 : std::uniform_int_distribution<size_t>(0, limit - 1)(random);
}

/// Bytes that grammars care about come up more often than others.
char interesting(Random& random) {
  constexpr std::string_view kBytes = "=-#;\\\r\n\t */.?[]{}%@$'\"0189aexX(),:!&|<>+\0\xFF\xEF";
  if (below(random, 4) == 0) return static_cast<char>(below(random, 256));
  return kBytes[below(random, kBytes.size())];
}

void mutate(Bytes& bytes, const std::vector<Bytes>& corpus, Random& random) {
  const size_t at = below(random, bytes.size() + 1);
  const size_t length = below(random, bytes.size() - at + 1);
  switch (below(random, 6)) {
    case 0:
      bytes.insert(at, 1, interesting(random));
      break;
    case 1:
      if (at < bytes.size()) bytes[at] = interesting(random);
      break;
    case 2:
      bytes.erase(at, below(random, 8));
      break;
    case 3:
      bytes.insert(at, bytes.substr(at, length));
      break;
    case 4: {
      const Bytes& other = corpus[below(random, corpus.size())];
      const size_t from = below(random, other.size() + 1);
      bytes.insert(at, other.substr(from, below(random, other.size() - from + 1)));
      break;
    }
    default:
      bytes.insert(at, below(random, 64), interesting(random));
  }
  if (bytes.size() > kMaxSize) bytes.resize(kMaxSize);
}

void run(const Bytes& bytes) {
  LLVMFuzzerTestOneInput(reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size());
}

}  // namespace

/// Usage: TARGET [-seconds=N] [-seed=N] FILE...
int main(int argc, char** argv) {
  double seconds = 0;
  unsigned seed = 1;
  std::vector<Bytes> corpus;
  for (int i = 1; i < argc; ++i) {
    if (std::strncmp(argv[i], "-seconds=", 9) == 0) {
      seconds = std::atof(argv[i] + 9);
    } else if (std::strncmp(argv[i], "-seed=", 6) == 0) {
      seed = static_cast<unsigned>(std::strtoul(argv[i] + 6, nullptr, 10));
    } else {
      corpus.push_back(read_whole(argv[i]));
    }
  }
  corpus.emplace_back();
  for (const Bytes& bytes : corpus) run(bytes);
  Random random(seed);
  size_t runs = corpus.size();
  const auto start = std::chrono::steady_clock::now();
  while (std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count() <
         seconds) {
    Bytes bytes = corpus[below(random, corpus.size())];
    const size_t rounds = 1 + below(random, 8);
    for (size_t i = 0; i < rounds; ++i) mutate(bytes, corpus, random);
    run(bytes);
    ++runs;
  }
  std::printf("%zu inputs, no crash\n", runs);
  return 0;
}
