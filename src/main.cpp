#include "base/heap.h"
#include "cli/commands.h"

int main(int argc, char** argv) {
  pb::heap::set_up();
  return pb::cli::run(argc, argv);
}
