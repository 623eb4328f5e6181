#include "route/ratings.h"

namespace pb::route {

double rating(std::string_view, Kind) { return -1; }

}  // namespace pb::route
