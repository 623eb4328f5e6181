#include <cstdio>

int main() {
  std::puts("patchbay " PATCHBAY_VERSION);
  return 0;
}
