#include "store/desktop_keyring.h"

#include <dlfcn.h>

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <thread>

namespace pb::store {
namespace {

constexpr auto kWaitMax = std::chrono::seconds(60);
constexpr const char* kLabel = "Patchbay: key of the providers' keys";

// Of libsecret's C interface (secret-schema.h, secret-password.h) and GLib's, as much as is used.
struct GError {
  std::uint32_t domain;
  int code;
  char* message;
};
struct Attribute {
  const char* name;
  int type;
};
struct Schema {
  const char* name;
  int flags;
  Attribute attributes[32];
  int reserved;
  void* more[7];
};

const Schema kSchema = {"dev.patchbay.ProviderKeys", 0, {{"file", 0}}, 0, {}};

struct Library {
  using Lookup = char* (*)(const Schema*, void*, GError**, ...);
  using Store = int (*)(const Schema*, const char*, const char*, const char*, void*, GError**, ...);
  Lookup lookup = nullptr;
  Store store = nullptr;
  void (*free_password)(char*) = nullptr;
  void (*free_error)(GError*) = nullptr;
  void* (*new_cancellable)() = nullptr;
  void (*cancel)(void*) = nullptr;
  void (*unref)(void*) = nullptr;
  bool found = false;
};

template <class F>
bool take(void* handle, const char* name, F& function) {
  function = reinterpret_cast<F>(::dlsym(handle, name));
  return function != nullptr;
}

const Library& library() {
  static const Library found = [] {
    Library out;
    void* handle = ::dlopen("libsecret-1.so.0", RTLD_NOW | RTLD_LOCAL);
    if (handle == nullptr) handle = ::dlopen("libsecret-1.0.dylib", RTLD_NOW | RTLD_LOCAL);
    out.found = handle != nullptr && take(handle, "secret_password_lookup_sync", out.lookup) &&
                take(handle, "secret_password_store_sync", out.store) &&
                take(handle, "secret_password_free", out.free_password) &&
                take(handle, "g_error_free", out.free_error) &&
                take(handle, "g_cancellable_new", out.new_cancellable) &&
                take(handle, "g_cancellable_cancel", out.cancel) && take(handle, "g_object_unref", out.unref);
    return out;
  }();
  return found;
}

// Ends a call that nobody answers.
class Watch {
 public:
  explicit Watch(const Library& lib)
      : lib_(lib), cancellable_(lib.new_cancellable()), thread_([this] {
          std::unique_lock lock(mutex_);
          if (!done_.wait_for(lock, kWaitMax, [this] { return over_; })) lib_.cancel(cancellable_);
        }) {}
  ~Watch() {
    {
      const std::lock_guard lock(mutex_);
      over_ = true;
    }
    done_.notify_one();
    thread_.join();
    lib_.unref(cancellable_);
  }
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;
  void* cancellable() const { return cancellable_; }

 private:
  const Library& lib_;
  void* cancellable_;
  std::mutex mutex_;
  std::condition_variable done_;
  bool over_ = false;
  std::thread thread_;  // last: it uses all above
};

std::unexpected<Error> missing() {
  return fail(Code::internal,
              "the desktop's keyring needs libsecret, which is not installed (Debian: libsecret-1-0)");
}

std::unexpected<Error> refused(const Library& lib, GError* error) {
  std::string what = "the desktop's keyring does not answer: ";
  what += error->message == nullptr ? "no reason given" : error->message;
  lib.free_error(error);
  return fail(Code::internal, what + "; is a keyring running in this session (DBUS_SESSION_BUS_ADDRESS)?");
}

}  // namespace

Result<std::optional<std::string>> desktop_secret(const std::string& file) {
  const Library& lib = library();
  if (!lib.found) return missing();
  const Watch watch(lib);
  GError* error = nullptr;
  char* text = lib.lookup(&kSchema, watch.cancellable(), &error, "file", file.c_str(),
                          static_cast<const char*>(nullptr));
  if (error != nullptr) return refused(lib, error);
  if (text == nullptr) return std::nullopt;
  std::string out(text);
  lib.free_password(text);
  return out;
}

Result<void> keep_desktop_secret(const std::string& file, const std::string& secret) {
  const Library& lib = library();
  if (!lib.found) return missing();
  const Watch watch(lib);
  GError* error = nullptr;
  // A null collection is the default one.
  const int kept = lib.store(&kSchema, nullptr, kLabel, secret.c_str(), watch.cancellable(), &error, "file",
                             file.c_str(), static_cast<const char*>(nullptr));
  if (error != nullptr) return refused(lib, error);
  if (kept == 0) return fail(Code::internal, "the desktop's keyring did not keep the key");
  return {};
}

}  // namespace pb::store
