#include "llm/count.h"

#include <doctest/doctest.h>

#include <string>

#include "llm/dialects.h"

using namespace pb;
using namespace pb::llm;

namespace {

struct Sample {
  const char* name;
  std::int64_t tokens;  // of o200k
  std::string_view text;
};

// Written for this test; they took part in adjusting the constants, so they guard the figures rather than prove them.
constexpr Sample
    kSamples[] =
        {
            {"english", 111,
             R"~(The old lighthouse keeper had not expected visitors that evening. A storm was rolling in from the west, and the ferry had stopped running two days before. Still, someone was knocking, patiently and without hurry, as if the rain didn't matter at all. He put down his tea, looked at the barometer one more time, and walked slowly to the door. "You're late," he said, although he had never seen the woman before. She smiled, shook the water out of her umbrella and asked whether the light could be seen from the northern islands.)~"},
            {"german", 130,
             R"~(Der alte Leuchtturmwärter hatte an diesem Abend keinen Besuch erwartet. Von Westen zog ein Sturm auf, und die Fähre fuhr seit zwei Tagen nicht mehr. Trotzdem klopfte jemand, geduldig und ohne Eile, als ob der Regen überhaupt keine Rolle spielte. Er stellte seine Teetasse ab, warf noch einen Blick auf das Barometer und ging langsam zur Tür. „Sie kommen spät", sagte er, obwohl er die Frau noch nie gesehen hatte. Sie lächelte, schüttelte das Wasser aus ihrem Regenschirm und fragte, ob man das Licht von den nördlichen Inseln aus sehen könne.)~"},
            {"french", 106,
             R"~(Le vieux gardien du phare n'attendait personne ce soir-là. Une tempête arrivait de l'ouest et le bateau ne circulait plus depuis deux jours. Pourtant quelqu'un frappait à la porte, patiemment et sans se presser, comme si la pluie n'avait aucune importance. Il posa sa tasse de thé, regarda encore une fois le baromètre et marcha lentement vers l'entrée. « Vous êtes en retard », dit-il, bien qu'il n'eût jamais vu cette femme.)~"},
            {"spanish", 81,
             R"~(El viejo farero no esperaba visitas aquella noche. Una tormenta llegaba desde el oeste y el transbordador había dejado de funcionar dos días antes. Sin embargo, alguien llamaba a la puerta con paciencia y sin prisa, como si la lluvia no importara en absoluto. Dejó la taza de té, miró una vez más el barómetro y caminó despacio hasta la entrada.)~"},
            {"polish", 102,
             R"~(Stary latarnik nie spodziewał się tego wieczoru żadnych gości. Od zachodu nadciągała burza, a prom nie kursował od dwóch dni. Mimo to ktoś pukał do drzwi, cierpliwie i bez pośpiechu, jakby deszcz nie miał żadnego znaczenia. Odstawił filiżankę herbaty, jeszcze raz spojrzał na barometr i powoli poszedł otworzyć.)~"},
            {"russian", 88,
             R"~(Старый смотритель маяка не ждал гостей в тот вечер. С запада надвигалась буря, и паром не ходил уже два дня. И всё же кто-то стучал в дверь, терпеливо и не спеша, словно дождь не имел никакого значения. Он поставил чашку чая на стол, ещё раз посмотрел на барометр и медленно пошёл открывать.)~"},
            {"chinese", 100,
             R"~(那天晚上，老灯塔看守人没有想到会有客人来。一场暴风雨正从西边袭来，渡轮已经停航两天了。可是有人在敲门，很有耐心，一点也不着急，好像下雨根本没有关系。他放下茶杯，又看了一眼气压计，慢慢地走到门口。“你来晚了。”他说，虽然他从来没有见过这个女人。)~"},
            {"japanese", 111,
             R"~(その夜、年老いた灯台守は誰かが訪ねてくるとは思っていなかった。西から嵐が近づいていて、連絡船は二日前から止まっていた。それでも誰かが、雨など気にしないかのように、ゆっくりと辛抱強くドアをノックしていた。彼はお茶を置き、もう一度気圧計を見て、静かに玄関へ歩いていった。)~"},
            {"korean", 101,
             R"~(그날 저녁 늙은 등대지기는 손님이 올 줄 몰랐다. 서쪽에서 폭풍이 다가오고 있었고 배는 이틀 전부터 다니지 않았다. 그런데도 누군가가 비는 아무 상관이 없다는 듯이 서두르지 않고 끈기 있게 문을 두드리고 있었다. 그는 찻잔을 내려놓고 기압계를 한 번 더 본 다음 천천히 문으로 걸어갔다.)~"},
            {"arabic", 66,
             R"~(لم يكن حارس المنارة العجوز ينتظر زوارا في ذلك المساء. كانت عاصفة تقترب من الغرب، وكانت العبارة قد توقفت عن العمل منذ يومين. ومع ذلك كان هناك من يطرق الباب بصبر ودون عجلة، كأن المطر لا يهم على الإطلاق.)~"},
            {"hindi", 63,
             R"~(उस शाम बूढ़े प्रकाशस्तंभ रक्षक को किसी मेहमान की उम्मीद नहीं थी। पश्चिम से एक तूफान आ रहा था और नाव दो दिन से बंद थी। फिर भी कोई धैर्य से दरवाजा खटखटा रहा था, जैसे बारिश का कोई मतलब ही न हो।)~"},
            {"cpp", 144,
             R"~(// Returns the index of the first element that is not less than value, or the size when there is none.
template <class T, class Compare = std::less<>>
std::size_t lower_bound_index(const std::vector<T>& items, const T& value, Compare less = {}) {
  std::size_t first = 0, count = items.size();
  while (count > 0) {
    const std::size_t step = count / 2;
    if (less(items[first + step], value)) {
      first += step + 1;
      count -= step + 1;
    } else {
      count = step;
    }
  }
  return first;
}
)~"},
            {"python", 150, R"~(class RateLimiter:
    """A token bucket that refills continuously."""

    def __init__(self, rate: float, burst: int) -> None:
        self._rate = rate
        self._burst = burst
        self._tokens = float(burst)
        self._updated_at = time.monotonic()

    def acquire(self, amount: int = 1) -> bool:
        now = time.monotonic()
        elapsed = now - self._updated_at
        self._tokens = min(self._burst, self._tokens + elapsed * self._rate)
        self._updated_at = now
        if self._tokens < amount:
            return False
        self._tokens -= amount
        return True
)~"},
            {"json", 83,
             R"~({"name":"get_weather","description":"Returns the current weather for a city","input_schema":{"type":"object","properties":{"city":{"type":"string","description":"Name of the city, for example Paris"},"unit":{"type":"string","enum":["celsius","fahrenheit"]},"days":{"type":"integer","minimum":1,"maximum":14}},"required":["city"],"additionalProperties":false}})~"},
            {"json_pretty", 93, R"~({
  "id": "order-20481",
  "total": 149.95,
  "items": [
    {
      "sku": "AB-1029",
      "quantity": 2,
      "price": 49.99
    },
    {
      "sku": "ZX-77",
      "quantity": 1,
      "price": 49.97
    }
  ],
  "paid": true
}
)~"},
            {"markdown", 118, R"~(# Getting started

Install the package and create a configuration file:

```bash
npm install --save-dev example-tool
npx example-tool init --config ./tool.config.json
```

- **Fast**: builds in less than a second
- **Small**: no dependencies at all
- See the [guide](https://example.com/docs/guide) for more

| Option | Default | Meaning |
|---|---|---|
| `--port` | 8080 | where the server listens |
| `--verbose` | off | prints every request |
)~"},
            {"emoji", 23,
             R"~(Great job team! 🎉🚀 The release is out 👍 — thanks to everyone ❤️ See you on Monday 😀)~"},
            {"base64", 93,
             R"~(aGVsbG8sIHRoaXMgaXMgYSBsb25nZXIgdGV4dCB0aGF0IGlzIGVuY29kZWQgYXMgYmFzZTY0IHRvIHNlZSBob3cgbWFueSB0b2tlbnMgaXQgdGFrZXMK8J+YgMO8w6Q4N2hkMjM3ZGg=)~"},
};

std::int64_t image(std::string_view data) {
  Request r;
  Message m;
  Block b;
  b.kind = Block::Kind::image;
  b.data = data;
  const std::int64_t empty = (r.messages.push_back(std::move(m)), count_request(r));
  r.messages[0].content.push_back(std::move(b));
  return count_request(r) - empty;
}

}  // namespace

TEST_SUITE_BEGIN("count");

TEST_CASE("texts within 10 % of o200k") {
  for (const Sample& s : kSamples) {
    CAPTURE(s.name);
    const std::int64_t got = count_text(s.text);
    CHECK(static_cast<double>(got) >= 0.9 * static_cast<double>(s.tokens));
    CHECK(static_cast<double>(got) <= 1.1 * static_cast<double>(s.tokens));
  }
}

TEST_CASE("small things") {
  CHECK(count_text("") == 0);
  CHECK(count_text(" ") == 1);
  CHECK(count_text("a") == 1);
  CHECK(count_text("Hello, world!") == 4);
  CHECK(count_text("1234567") == 3);
  CHECK(count_text("\n\n\n") == 1);
  CHECK(count_text("a\n\n    b") == 4);
  CHECK(count_text("😀") == 1);
  CHECK(count_text(std::string(80, '-')) <= 6);
}

TEST_CASE("any bytes are counted, and a longer text never costs less by much") {
  std::string text;
  for (int i = 0; i < 20000; ++i) text += static_cast<char>(i * 7919 >> 3);
  CHECK(count_text(text) > 0);
  CHECK(count_text("\xF0\x9F") >= 0);
  CHECK(count_text("\xE4") >= 0);
  CHECK(count_text("\xC0\xF9/") >= 1);  // overlong: once read as a digit that never ended
  CHECK(count_text("\xC1\x81\xE0\x80\xA0\xF0\x80\x80\x8A") >= 1);
  std::string words;
  for (int i = 0; i < 5000; ++i) words += "word and another ";
  CHECK(count_text(words) > 14000);
  CHECK(count_text(words) < 16500);
}

TEST_CASE("images by their size") {
  CHECK(image("iVBORw0KGgoAAAANSUhEUgAAASwAAACWCAIAAAA=") == 60);      // png
  CHECK(image("R0lGODlhHgAZAAAAAA==") == 1);                           // gif
  CHECK(image("/9j/4AAQSkZJRgABAQAAAQABAAD/wAARCAfQA+gD") == 1600);    // jpeg
  CHECK(image("UklGRmQAAABXRUJQVlA4WAoAAAAAAAAA7QIAYwAA") == 100);     // webp extended
  CHECK(image("UklGRmQAAABXRUJQVlA4TAoAAAAvSsAYAAAAAAAAAA==") == 10);  // webp lossless
  CHECK(image("UklGRmQAAABXRUJQVlA4IAoAAAAAAACdASqWAAoAAAA=") == 2);   // webp
  CHECK(image("") == 1600);
  CHECK(image("AAAA") == 1600);
  CHECK(image("iVBORw0KGgo=") == 1600);
  CHECK(image("/9j/4AAA") == 1600);
  CHECK(image("!!!") == 1600);
}

TEST_CASE("a request: messages, tools, results, schemas") {
  auto count = [](std::string_view body) {
    return count_request(*kAnthropic.decode_request(std::string(body)));
  };
  const std::int64_t plain = count(R"({"model":"m","messages":[{"role":"user","content":"Hello, world!"}]})");
  CHECK(plain == 3 + 4 + 4);
  const std::int64_t tools = count(
      R"({"model":"m","messages":[{"role":"user","content":"Hello, world!"}],"tools":[{"name":"get_weather","description":"Weather of a city","input_schema":{"type":"object","properties":{"city":{"type":"string"}}}}]})");
  CHECK(tools > plain + 30);
  CHECK(tools < plain + 60);
  const std::int64_t calls = count(
      R"({"model":"m","system":"Be brief.","messages":[{"role":"user","content":"Hello, world!"},{"role":"assistant","content":[{"type":"tool_use","id":"t","name":"f","input":{"a":1}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"t","content":"fine"}]}]})");
  CHECK(calls > plain + 25);
  CHECK(calls < plain + 50);
  const std::int64_t document = count(
      R"({"model":"m","messages":[{"role":"user","content":[{"type":"document","source":{"type":"base64","media_type":"application/pdf","data":"AAAA"}},{"type":"server_thing","x":"y"}]}]})");
  CHECK(document > 2000);
  CHECK(document < 2100);
}

TEST_SUITE_END();
