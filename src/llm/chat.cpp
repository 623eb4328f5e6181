#include "llm/chat.h"

namespace pb::llm {

void Usage::merge(const Usage& later) {
  if (!later.known) return;
  // A part of a stream that does not know a figure reports it as 0.
  auto take = [](std::int64_t& mine, std::int64_t theirs) {
    if (theirs != 0) mine = theirs;
  };
  take(input, later.input);
  take(output, later.output);
  take(cache_read, later.cache_read);
  take(cache_write, later.cache_write);
  take(cache_write_1h, later.cache_write_1h);
  take(reasoning, later.reasoning);
  take(audio_input, later.audio_input);
  take(audio_output, later.audio_output);
  known = true;
}

}  // namespace pb::llm
