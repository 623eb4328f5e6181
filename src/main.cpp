#include "cli/commands.h"

int main(int argc, char** argv) { return pb::cli::run(argc, argv); }
