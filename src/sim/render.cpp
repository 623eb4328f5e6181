#include "sim/render.h"

#include <algorithm>
#include <limits>

#include "llm/sse.h"

namespace pb::sim {
namespace {

using llm::Event;

bool is_delta(Event::Kind kind) {
  switch (kind) {
    case Event::Kind::text_delta:
    case Event::Kind::thinking_delta:
    case Event::Kind::arguments_delta:
    case Event::Kind::refusal_delta:
      return true;
    default:
      return false;
  }
}

// What a simulated answer took, whatever it really did: 50 ms to the first words and as long again.
llm::Times times_of(const RenderOptions& options) {
  constexpr std::int64_t kSecond = 1'000'000'000, kStep = 50'000'000;
  const std::int64_t asked = options.created * kSecond;
  return {asked, asked + kStep, asked + 2 * kStep};
}

std::string encode_whole(const Plan& plan, const llm::Dialect& dialect, const RenderOptions& options) {
  const llm::Times times = times_of(options);
  const llm::ResponseOptions ids{options.id, plan.response.model, options.created, options.request, &times};
  llm::Dropped dropped;
  std::string body;
  dialect.encode_response(plan.response, ids, dropped, body);
  return body;
}

// "sim-size-N": shortens the text so that the whole body has N bytes (never below the envelope's own size).
std::string encode_sized(const Plan& plan, const llm::Dialect& dialect, const RenderOptions& options) {
  std::string body = encode_whole(plan, dialect, options);
  const auto wanted = static_cast<std::size_t>(plan.behaviour.count);
  if (body.size() <= wanted || plan.response.choices.size() != 1) return body;
  Plan shorter;
  shorter.response.id = plan.response.id;
  shorter.response.model = plan.response.model;
  shorter.response.usage = plan.response.usage;
  shorter.response.choices = plan.response.choices;
  for (llm::Block& b : shorter.response.choices[0].content)
    if (b.kind == llm::Block::Kind::text)
      b.text = b.text.substr(0, b.text.size() - std::min(b.text.size(), body.size() - wanted));
  return encode_whole(shorter, dialect, options);
}

Rendered render_error(const Plan& plan, const Error& error, const llm::Dialect& dialect,
                      const RenderOptions& options) {
  Rendered r;
  r.status = http_status(error);
  r.headers = plan.headers;
  r.first_ms = plan.behaviour.first_ms;
  std::string body;
  dialect.encode_error(error, options.request_id, body);
  r.steps.push_back({0, std::move(body)});
  return r;
}

Error midstream_error() {
  return fail(Code::overloaded, "the simulator was asked to fail in the middle of the stream").error();
}

// An event that is not JSON, framed as the others are.
void break_event(const llm::Dialect& dialect, std::string& out) {
  constexpr std::string_view kBroken = "{\"broken\": ";
  if (dialect.framing == llm::Framing::sse)
    llm::write_sse(out, dialect.done_marker || dialect.model_in_path ? "" : "content_block_delta", kBroken);
  else
    out.append(kBroken).append("\n");
}

// Each step is what one event became; events that encode to nothing are no step.
std::vector<Step> stream_steps(const Plan& plan, const llm::Dialect& dialect, const RenderOptions& options) {
  // "sim-stream-N" has a delta for each of its words, however many.
  const std::size_t pieces_max =
      plan.behaviour.answer == Answer::stream ? std::numeric_limits<std::size_t>::max() : kPiecesMax;
  const std::vector<Event> events = events_of(plan.response, dialect, pieces_max);
  const llm::Times times = times_of(options);
  const auto encoder =
      dialect.stream_encoder({options.id, plan.response.model, options.created, options.include_usage,
                              options.array, false, options.request, &times});
  const Behaviour& b = plan.behaviour;
  const std::size_t deltas = static_cast<std::size_t>(
      std::count_if(events.begin(), events.end(), [](const Event& e) { return is_delta(e.kind); }));
  std::size_t seen = 0;
  std::vector<Step> steps;
  for (const Event& event : events) {
    if (is_delta(event.kind)) ++seen;
    if (b.fault == Fault::error_midstream && seen * 2 > deltas) {
      Event error;
      error.kind = Event::Kind::error;
      error.error = midstream_error();
      Step& last = steps.emplace_back();
      encoder->encode(error, last.bytes);
      return steps;
    }
    if (b.fault == Fault::no_end && (event.kind == Event::Kind::stop || seen * 2 > deltas)) return steps;
    Step step;
    encoder->encode(event, step.bytes);
    if (step.bytes.empty()) continue;
    if (is_delta(event.kind)) step.wait_ms = b.token_ms;
    steps.push_back(std::move(step));
    if (b.fault == Fault::malformed && seen == 2 && is_delta(event.kind))
      break_event(dialect, steps.emplace_back().bytes);
  }
  return steps;
}

// Cuts after half of the bytes: at the end of a step, or in the middle of one.
void cut(Rendered& r, bool inside) {
  r.ending = Ending::cut;
  if (r.whole || inside) {
    r.steps.resize(r.whole ? 1 : r.steps.size() / 2 + 1);
    std::string& last = r.steps.back().bytes;
    last.resize(last.size() / 2);
  } else {
    r.steps.resize(std::max<std::size_t>(r.steps.size() / 2, 1));
  }
  r.whole = false;
}

void join(std::vector<Step>& steps) {
  std::string all;
  for (const Step& s : steps) all += s.bytes;
  steps.assign(1, {0, std::move(all)});
}

}  // namespace

Rendered render(const Plan& plan, const llm::Dialect& dialect, const RenderOptions& options) {
  const Behaviour& b = plan.behaviour;
  if (plan.error) return render_error(plan, *plan.error, dialect, options);
  if (b.fault == Fault::error_midstream && !options.stream)
    return render_error(plan, midstream_error(), dialect, options);
  Rendered r;
  r.headers = plan.headers;
  r.first_ms = b.first_ms;
  r.byte_ms = b.byte_ms;
  if (b.fault == Fault::hang) {
    r.ending = Ending::hang;
    return r;
  }
  if (options.stream) {
    r.whole = false;
    r.content_type = options.array ? std::string_view("application/json") : dialect.content_type;
    r.steps = stream_steps(plan, dialect, options);
    if (b.silent_ms > 0 && r.steps.size() > 1) r.steps[1].wait_ms += b.silent_ms;
    if (b.burst && b.fault == Fault::none && r.byte_ms < 0) join(r.steps);
  } else {
    r.steps.push_back({0, b.answer == Answer::size ? encode_sized(plan, dialect, options)
                                                   : encode_whole(plan, dialect, options)});
    r.first_ms += b.silent_ms;
    if (b.fault == Fault::malformed || b.fault == Fault::no_end) {
      std::string& body = r.steps[0].bytes;  // a whole answer that is not JSON
      body.resize(body.size() / 2);
    }
    if (b.byte_ms >= 0) r.whole = false;
  }
  if (b.fault == Fault::cut || b.fault == Fault::cut_body) cut(r, b.fault == Fault::cut_body);
  return r;
}

}  // namespace pb::sim
