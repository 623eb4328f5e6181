// Settings made while running, over those of the file: what `patchbay config set`, `unset` and `reset` do.
#include "config/overlay.h"

#include "api/admin/endpoint.h"
#include "base/log.h"

namespace pb::api::admin {
namespace {

using config::OverlayEdit;
using config::OverlayOutcome;

std::string joined(const std::vector<config::Mistake>& mistakes) {
  std::string out;
  for (const config::Mistake& m : mistakes) out.append(out.empty() ? "" : "; ").append(m.text());
  return out;
}

Result<Answer> answer_to(const OverlayOutcome& done) {
  if (done.refused == OverlayOutcome::Refused::failed) return fail(Code::internal, joined(done.mistakes));
  if (done.refused != OverlayOutcome::Refused::no) {
    auto refused = fail(Code::invalid_request, "nothing was changed: " + joined(done.mistakes));
    refused.error().status = 422;
    return refused;
  }
  std::string out;
  json::Writer w(out);
  w.begin_object();
  w.field("file", done.file);
  w.field("changed", done.changed);
  w.strings("notes", done.notes);
  w.end_object();
  return Answer{200, std::move(out)};
}

Task<Result<Answer>> change(Call& c, OverlayEdit edit) {
  auto work = [edit = std::move(edit), run = c.deps.admin->edit_overlay]() -> Result<Answer> {
    const OverlayOutcome done = run(edit);
    if (done.changed)
      log::info(log::Module::api, "overlay changed",
                {{"path", edit.path.empty() ? std::string("all") : edit.path}});
    return answer_to(done);
  };
  co_return co_await wait_for(c, std::move(work));
}

}  // namespace

Task<Result<Answer>> show_overlay(Call& c) {
  auto work = [show = c.deps.admin->show_overlay]() -> Result<Answer> {
    const config::OverlayShown shown = show();
    if (!shown.mistakes.empty()) return fail(Code::internal, joined(shown.mistakes));
    std::string out;
    json::Writer w(out);
    w.begin_object();
    w.field("file", shown.file);
    w.field("there", shown.there);
    w.strings("paths", shown.paths);
    w.key("overlay");
    w.raw(shown.text.empty() ? std::string_view("{}") : std::string_view(shown.text));
    w.end_object();
    return Answer{200, std::move(out)};
  };
  co_return co_await wait_for(c, std::move(work));
}

Task<Result<Answer>> set_overlay(Call& c) {
  return change(c, {OverlayEdit::Kind::set, c.id, json::to_text(c.body["value"])});
}
Task<Result<Answer>> unset_overlay(Call& c) { return change(c, {OverlayEdit::Kind::unset, c.id, {}}); }
Task<Result<Answer>> reset_overlay(Call& c) { return change(c, {OverlayEdit::Kind::reset, {}, {}}); }

}  // namespace pb::api::admin
