// What is needed only while the program starts.
#pragma once

namespace pb::cli {

// Gives the memory back that the start has used: what was freed meanwhile, and the pages of code that have been read in, this
// program's and its libraries', most of which parsed options and set up libraries and never run again. What is needed after all
// comes back from the page cache, some 64 KB at a time.
void release_startup_memory();

}  // namespace pb::cli
