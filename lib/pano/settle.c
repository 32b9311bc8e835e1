#include "base/mem.h"
#include "pano/settle.h"

bool
settle(struct settled *s, uint8_t found, uint64_t need, int64_t clock)
{
	if (found == s->now) {
		s->streak = 0;
		return false;
	}
	s->streak = s->streak > 0 && found == s->next ? s->streak + 1 : 1;
	s->next = found;
	if (s->now != 0 && s->streak < need)
		return false;
	s->was = s->now;
	s->now = found;
	s->since = clock;
	s->streak = 0;
	return true;
}

void
settle_flip(struct settled *s, int64_t clock)
{
	if (s->flip == NULL)
		s->flip = mem_new(SETTLE_FLIPS, sizeof(*s->flip));
	s->flip[s->nflip++ % SETTLE_FLIPS] = clock;
}

uint32_t
settle_flips(const struct settled *s, int64_t after)
{
	uint32_t n = s->nflip < SETTLE_FLIPS ? s->nflip : SETTLE_FLIPS;
	uint32_t recent = 0;

	for (uint32_t i = 0; i < n; i++)
		recent += s->flip[i] > after;
	return recent;
}
