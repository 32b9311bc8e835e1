#include <math.h>

#include "draw.h"
#include "models.h"

static const double PI = 3.14159265358979323846;
enum { DAY = 24 };

const char *const leak_names[LEAK_KINDS] = { "steady", "stair", "spike" };

/* The day and the week are about 0 and of amplitude 1. */
static double
daily(enum shape shape, double hour)
{
	double x = hour * 2 * PI / DAY;

	return shape == SHAPE_TEST ? 0.75 * sin(x) + 0.35 * sin(2 * x + 1) :
	    sin(x);
}

static double
weekly(enum shape shape, double hour)
{
	double day = fmod(hour / DAY, 7);

	if (shape == SHAPE_TEST)
		return cos(2 * PI * (day - 2) / 7);
	return day >= 5 ? -1 : 0.4;
}

/* How much of the level a process of that age has filled. */
static double
filled(const struct service *v, double age)
{
	double x = age / v->warm_hours;

	return 1 - v->warm * (v->shape == SHAPE_TEST ? 1 / (1 + x) / (1 + x) :
	    exp(-x));
}

static double
tooth(const struct service *v, double at)
{
	double x = at / v->saw_hours;

	return v->saw * (v->shape == SHAPE_TEST ? x * x : x);
}

void
load_start(struct load *p, const struct service *v, uint64_t *random)
{
	p->age = 0;
	p->saw_at = v->saw > 0 ? draw_uniform(random, 0, v->saw_hours) : 0;
	p->burst_left = 0;
}

/* In the test shape one shock in 50 is four times as large. */
static void
next_noise(struct load *p, const struct service *v, uint64_t *random)
{
	bool wild = v->shape == SHAPE_TEST && draw_chance(random, 0.02);

	p->noise = v->phi * p->noise + v->noise * sqrt(1 - v->phi * v->phi) *
	    (wild ? 4 : 1) * draw_gauss(random);
}

static void
next_tooth(struct load *p, const struct service *v)
{
	double period = v->saw_hours * (v->shape == SHAPE_TEST ?
	    1 + 0.3 * p->noise / v->noise : 1);

	p->saw_at += 1;
	if (p->saw_at >= period)
		p->saw_at = 0;
}

static void
next_burst(struct load *p, const struct service *v, uint64_t *random)
{
	if (p->burst_left > 0 || !draw_chance(random, v->burst))
		return;
	p->burst_left = 1 + floor(draw_uniform(random, 0, 5));
	p->burst = v->burst_size * draw_uniform(random, 0.5, 1.5);
}

double
load_next(struct load *p, const struct service *v, double hour,
    uint64_t *random)
{
	double u = 1 + p->swing * v->daily * daily(v->shape, hour + v->phase) +
	    v->weekly * weekly(v->shape, hour);

	next_noise(p, v, random);
	u *= (1 + p->noise) * (1 + v->demand * hour / DAY);
	if (v->warm > 0)
		u *= filled(v, p->age);
	if (v->saw > 0) {
		next_tooth(p, v);
		u += tooth(v, p->saw_at);
	}
	if (v->burst > 0)
		next_burst(p, v, random);
	if (p->burst_left-- > 0)
		u += p->burst;
	if (hour >= p->step_at)
		u += v->step;
	return fmax(u, 0.05) * p->base;
}

void
leak_draw(struct leak *l, double hours, uint64_t *random)
{
	l->kind = draw_chance(random, 0.6) ? LEAK_STEADY :
	    draw_chance(random, 0.5) ? LEAK_STAIR : LEAK_SPIKE;
	l->share = draw_log_uniform(random, 0.02, 0.8);
	l->rate = draw_log_uniform(random, 0.05, 1);
	l->at = draw_uniform(random, -hours / 14, hours - hours / 14);
	l->spread = draw_chance(random, 0.5) ?
	    draw_uniform(random, hours / 336, hours * 72 / 336) : 0;
	l->every = l->kind == LEAK_STAIR ? draw_uniform(random, 4, 20) :
	    draw_uniform(random, 8, 36);
	l->every *= fmin(1, hours / 168);	/* some, in a short record */
}

void
leak_next(struct loss *p, const struct leak *l, double due, uint64_t *random)
{
	if (p->hours <= 0) {
		p->next = l->every;
		p->last = 0;
	}
	p->hours++;
	if (l->kind == LEAK_STEADY) {
		p->bytes += due;
	} else if (p->hours >= p->next && l->kind == LEAK_STAIR) {
		p->bytes += due * (p->hours - p->last);
		p->last = p->hours;
		p->next = p->hours + l->every;
	} else if (p->hours >= p->next) {
		p->bytes += due * l->every * draw_uniform(random, 0.5, 1.5);
		p->next = p->hours + l->every * draw_uniform(random, 0.4, 1.6);
	}
}
