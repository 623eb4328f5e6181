#include "net/http.h"

#include <strings.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <ctime>

namespace pb::net {

bool iequals(std::string_view a, std::string_view b) {
  return a.size() == b.size() && ::strncasecmp(a.data(), b.data(), a.size()) == 0;
}

namespace {

void clean(std::string& text, std::size_t at) {
  for (; at < text.size(); ++at)
    if (text[at] == '\r' || text[at] == '\n' || text[at] == '\0') text[at] = ' ';
}

}  // namespace

void Headers::add(std::string_view name, std::string_view value) {
  std::size_t at = text_.size();
  add_valid(name, value);
  clean(text_, at);
  text_[text_.size() - 2] = '\r';
  text_[text_.size() - 1] = '\n';
}

void Headers::add_valid(std::string_view name, std::string_view value) {
  name = name.substr(0, 0xffff);
  std::size_t at = text_.size();
  fields_.push_back({static_cast<std::uint32_t>(at), static_cast<std::uint16_t>(name.size()),
                     static_cast<std::uint32_t>(value.size())});
  // libstdc++ 12 calls back with the size it grew to instead of the one asked for, so that one is not to be returned.
  const std::size_t end = at + name.size() + value.size() + 4;
  text_.resize_and_overwrite(end, [&](char* p, std::size_t) {
    p += at;
    std::memcpy(p, name.data(), name.size());
    p += name.size();
    *p++ = ':';
    *p++ = ' ';
    if (!value.empty()) std::memcpy(p, value.data(), value.size());
    p += value.size();
    *p++ = '\r';
    *p = '\n';
    return end;
  });
}

void Headers::remove(std::string_view name) {
  std::size_t i = 0;
  while (i < fields_.size()) {
    if (!iequals(at(i).name, name)) {
      ++i;
      continue;
    }
    std::uint32_t bytes = fields_[i].name_bytes + fields_[i].value_bytes + 4;
    text_.erase(fields_[i].at, bytes);
    fields_.erase(fields_.begin() + static_cast<std::ptrdiff_t>(i));
    for (std::size_t k = i; k < fields_.size(); ++k) fields_[k].at -= bytes;
  }
}

void Headers::set(std::string_view name, std::string_view value) {
  remove(name);
  add(name, value);
}

void Headers::release() {
  std::string().swap(text_);
  std::vector<Span>().swap(fields_);
}

void Headers::reserve(std::size_t bytes, std::size_t count) {
  text_.reserve(bytes);
  fields_.reserve(count);
}

void Headers::clear() {
  text_.clear();
  fields_.clear();
}

Headers::Field Headers::at(std::size_t i) const {
  const Span& s = fields_[i];
  const char* p = text_.data() + s.at;
  return {{p, s.name_bytes}, {p + s.name_bytes + 2, s.value_bytes}};
}

std::string_view Headers::get(std::string_view name) const {
  for (std::size_t i = 0; i < fields_.size(); ++i) {
    if (fields_[i].name_bytes != name.size()) continue;
    Field f = at(i);
    if (iequals(f.name, name)) return f.value;
  }
  return {};
}

bool Headers::has(std::string_view name) const {
  for (std::size_t i = 0; i < fields_.size(); ++i)
    if (iequals(at(i).name, name)) return true;
  return false;
}

std::string_view Request::path() const {
  std::string_view t = target;
  return t.substr(0, t.find('?'));
}

std::string_view Request::query() const {
  std::string_view t = target;
  std::size_t q = t.find('?');
  return q == t.npos ? std::string_view{} : t.substr(q + 1);
}

void Request::clear() {
  method.clear();
  target.clear();
  headers.clear();
  body.clear();
  keep_alive = true;
  minor = 1;
}

std::string_view reason_phrase(int status) {
  switch (status) {
    case 100:
      return "Continue";
    case 200:
      return "OK";
    case 201:
      return "Created";
    case 202:
      return "Accepted";
    case 204:
      return "No Content";
    case 301:
      return "Moved Permanently";
    case 302:
      return "Found";
    case 304:
      return "Not Modified";
    case 307:
      return "Temporary Redirect";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 402:
      return "Payment Required";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 413:
      return "Content Too Large";
    case 415:
      return "Unsupported Media Type";
    case 417:
      return "Expectation Failed";
    case 421:
      return "Misdirected Request";
    case 422:
      return "Unprocessable Content";
    case 426:
      return "Upgrade Required";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 501:
      return "Not Implemented";
    case 502:
      return "Bad Gateway";
    case 503:
      return "Service Unavailable";
    case 504:
      return "Gateway Timeout";
    case 505:
      return "HTTP Version Not Supported";
    case 529:
      return "Overloaded";
    default:
      return "Status";
  }
}

bool hop_by_hop(std::string_view name) {
  static constexpr std::array<std::string_view, 10> kNames = {"connection",
                                                              "keep-alive",
                                                              "proxy-connection",
                                                              "proxy-authenticate",
                                                              "proxy-authorization",
                                                              "te",
                                                              "trailer",
                                                              "transfer-encoding",
                                                              "upgrade",
                                                              "content-length"};
  return std::ranges::any_of(kNames, [&](std::string_view n) { return iequals(n, name); });
}

std::string_view http_date() {
  thread_local std::time_t second = 0;
  thread_local char text[40];
  thread_local std::size_t bytes = 0;
  timespec now{};
  clock_gettime(CLOCK_REALTIME_COARSE, &now);
  if (now.tv_sec != second) {
    second = now.tv_sec;
    std::tm tm{};
    gmtime_r(&second, &tm);
    bytes = std::strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &tm);
  }
  return {text, bytes};
}

}  // namespace pb::net
