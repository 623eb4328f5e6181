// Bars as SVG, without scripts, styles or links, so that any viewer may show them.
#include <algorithm>
#include <cmath>

#include "tools/benchmark/report.h"

namespace pb::tools::bench {
namespace {

constexpr int kWidth = 720, kLabels = 230, kValues = 110, kRow = 26, kTop = 34;
constexpr std::size_t kLabelChars = 34;

std::string shortened(std::string_view label) {
  std::size_t chars = 0;
  for (std::size_t i = 0; i < label.size(); ++i) {
    if ((static_cast<unsigned char>(label[i]) & 0xC0) == 0x80) continue;
    if (++chars > kLabelChars) return xml_text(label.substr(0, i)) + "…";
  }
  return xml_text(label);
}

// As many digits as the figure deserves.
std::string figure(double value) {
  const double size = std::abs(value);
  return fixed(value, size >= 100 ? 0 : size >= 10 ? 1 : size >= 0.1 || size == 0 ? 3 : 6);
}

std::string whiskers(const std::string& low, const std::string& high, int y) {
  const std::string middle = std::to_string(y + kRow / 2), top = std::to_string(y + 9),
                    bottom = std::to_string(y + kRow - 9);
  return "<path d=\"M" + low + " " + middle + "H" + high + "M" + low + " " + top + "V" + bottom + "M" + high +
         " " + top + "V" + bottom + "\" stroke=\"#c0504d\" stroke-width=\"2\" fill=\"none\"/>";
}

}  // namespace

std::string xml_text(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        out += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;  // control characters are not allowed in XML
    }
  }
  return out;
}

std::string bar_chart(std::string_view title, std::string_view unit, const std::vector<Bar>& bars) {
  double most = 0;
  for (const Bar& b : bars) most = std::max({most, b.value, b.interval ? b.interval->high : 0});
  if (!(most > 0) || !std::isfinite(most)) most = 1;
  const auto x = [&](double value) {
    return kLabels + (kWidth - kLabels - kValues) * std::clamp(value / most, 0.0, 1.0);
  };
  const std::string height = std::to_string(kTop + kRow * static_cast<int>(bars.size()) + 6);
  std::string out = "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"" + std::to_string(kWidth) +
                    "\" height=\"" + height + "\" viewBox=\"0 0 " + std::to_string(kWidth) + " " + height +
                    "\" role=\"img\" font-family=\"sans-serif\" font-size=\"12\">";
  out += "<title>" + xml_text(title) + "</title>";
  out += "<text x=\"0\" y=\"18\" font-size=\"14\" font-weight=\"bold\" fill=\"#555\">" + xml_text(title) +
         ", " + xml_text(unit) + "</text>";
  int y = kTop;
  for (const Bar& b : bars) {
    const std::string text = std::to_string(y + kRow / 2 + 4);
    out += "<text x=\"" + std::to_string(kLabels - 8) + "\" y=\"" + text +
           "\" text-anchor=\"end\" fill=\"#555\">" + shortened(b.label) + "</text>";
    out += "<rect x=\"" + std::to_string(kLabels) + "\" y=\"" + std::to_string(y + 4) + "\" width=\"" +
           fixed(x(b.value) - kLabels, 1) + "\" height=\"" + std::to_string(kRow - 8) +
           "\" fill=\"#4c7fb8\"/>";
    if (b.interval) {
      out += whiskers(fixed(x(b.interval->low), 1), fixed(x(b.interval->high), 1), y);
    }
    out += "<text x=\"" + std::to_string(kWidth - kValues + 8) + "\" y=\"" + text + "\" fill=\"#555\">" +
           figure(b.value) + "</text>";
    y += kRow;
  }
  return out + "</svg>";
}

}  // namespace pb::tools::bench
