/* Preloaded into the program by dns.test.mjs: names that end in ".flaky" are looked up in the file $NAMES_FILE, whose lines are
   "name address", or "name !" for a resolver that gives no answer (EAI_AGAIN), or "name ?" for one that takes two seconds not to.
   A name that is not there is unknown (EAI_NONAME). */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints, struct addrinfo **found) {
  static int (*next)(const char *, const char *, const struct addrinfo *, struct addrinfo **);
  if (!next) next = (int (*)(const char *, const char *, const struct addrinfo *, struct addrinfo **))dlsym(RTLD_NEXT, "getaddrinfo");
  size_t n = node ? strlen(node) : 0;
  if (n < 6 || strcmp(node + n - 6, ".flaky") != 0) return next(node, service, hints, found);
  char name[256], address[64];
  FILE *f = fopen(getenv("NAMES_FILE"), "r");
  if (!f) return EAI_AGAIN;
  while (fscanf(f, "%255s %63s", name, address) == 2) {
    if (strcmp(name, node) != 0) continue;
    fclose(f);
    if (address[0] == '?') sleep(2);
    if (address[0] == '!' || address[0] == '?') return EAI_AGAIN;
    return next(address, service, hints, found);
  }
  fclose(f);
  return EAI_NONAME;
}
