// Writes a request's conversation. Only request_encode.cpp and contents_encode.cpp include this.
#pragma once
#include <unordered_map>

#include "llm/gemini/plan.h"

namespace pb::llm::gemini {

// System text before the conversation is `systemInstruction`; in its midst it stands in its place, between <system> tags in the
// user's turn. Neighbours of one role are one content, with the responses of functions first. Media that a model does not take
// in responses of functions follow them.
class ContentsWriter {
 public:
  ContentsWriter(const Request& r, const Quirks& quirks, const Plan& plan, Dropped& dropped, json::Writer& w);
  // `instruction`: more system text, "" for none.
  Result<void> write(Str instruction);

 private:
  struct Item {
    const Block* block;
    bool system;
  };
  struct Turn {
    bool model = false;
    std::vector<Item> items;
    Str role;
    json::Value extra;
  };

  void arrange();
  void add_turn(const Message& m);
  static void results_first(std::vector<Item>& items);
  void write_system(Str instruction);
  void write_turn(const Turn& t);
  void write_later();
  void part(const Item& item);
  void text(Str words, const Block& b);
  void media(const Block& b);
  void document(const Block& b);
  void call(const Block& b);
  void result(const Block& b);
  void thinking(const Block& b);
  void signature_of(const Block& b);
  void end_part(const Block& b);
  void bare_text(Str words);
  void note(const Block& b);
  bool fits_result(const Block& b) const;

  const Request& r_;
  const Quirks& quirks_;
  const Plan& plan_;
  Dropped& dropped_;
  json::Writer& w_;
  const bool same_;
  std::vector<const Block*> system_;
  std::vector<Turn> turns_;
  std::unordered_map<Str, Str> names_;  // of calls, by id
  std::vector<std::pair<Str, Str>>
      loose_;                        // signatures that stand apart from their call: its id, and the text
  std::vector<const Block*> later_;  // media of results that follow them
  bool signed_ = false;              // the turn's first call is written
};

}  // namespace pb::llm::gemini
