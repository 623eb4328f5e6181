#include "gateway/health.h"

#include <doctest/doctest.h>

using namespace pb::gateway;

TEST_CASE("health: it takes some checks in a row to change one's mind") {
  pb::config::Health o;
  o.unhealthy_after = 3;
  o.healthy_after = 2;
  HealthCount c;
  CHECK(c.add(false, o));
  CHECK(c.add(false, o));
  CHECK(c.add(true, o));
  CHECK(c.add(false, o));
  CHECK(c.add(false, o));
  CHECK_FALSE(c.add(false, o));
  CHECK_FALSE(c.add(true, o));
  CHECK_FALSE(c.add(false, o));
  CHECK_FALSE(c.add(true, o));
  CHECK(c.add(true, o));
}
