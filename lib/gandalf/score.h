#ifndef GANDALF_SCORE_H
#define GANDALF_SCORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * score - how much a rollout is to blame for a signature, from counts.
 * The formulas are those of Gandalf (NSDI '20, section 4.3); the constants,
 * which nobody published, are the members of struct score_rule.
 *
 *	temporal   ST = sum over windows with P_i > B of
 *	                w_i * log((P_i - B + 1) / (B + 1))
 *	spatial    SS = N_f / N_df
 *	decay      ((e^-t - e^-W) / (e^-1 - e^-W) * b + a),  1 <= t <= W
 */
enum { SCORE_WINDOWS = 8 };
#define SCORE_NEXT INT64_MAX	/* a window that ends at the next deployment */

struct score_rule {
	size_t nwindow;
	int64_t window[SCORE_WINDOWS];	/* ns after the deployment, ascending */
	double weight[SCORE_WINDOWS];	/* w_i */
	bool segments;		/* count each window without those before it */
	double log_base;	/* 0: natural */
	int64_t veto;		/* ns before the deployment */
	int64_t skew;		/* ns by which a fault's clock may be behind */
	double spatial;		/* a pair below this SS is dropped */
	double power;		/* of SS in the score that ranks */
	double rate_power;	/* of hit / deployed in the same */
	double age_power;	/* of the spread of ages in the same */
	double follow;		/* and one whose faults surely follow the
				 * deployments less than this; 0: none is */
	double a, b;		/* the factor at t = W, and what t = 1 adds */
	double span;		/* W, in units; > 1 */
	int64_t unit;		/* ns of one step of t */
};

/*
 * The layers, of which only windows, weights and veto are set: 1h,24h,72h,next
 * and 72h; 10m,20m,1h and 1h.
 */
extern const struct score_rule score_batch, score_speed;

double score_temporal(const struct score_rule *, const double votes[],
    double veto);

/* 0 where nothing was seen. */
double score_spatial(double hit, double seen);

/* `age` in ns; t is 1 + age / unit, and never beyond W. */
double score_decay(const struct score_rule *, int64_t age);

/*
 * How many minutes later a fault is for every minute that its node's deployment
 * was later: 1 if deployments cause faults, 0 if something else hit all nodes
 * at once.  From n, x, y, xx, xy, yy; `error` is the standard error.  NaN from
 * fewer than five nodes or from deployments all at one time.
 */
double score_follow(const double sum[6], double *error);

/*
 * The standard deviation of the nodes' ages at their first vote, in hours; NaN
 * from fewer than five.  Of two rollouts over the same nodes the one that
 * makes them fail has the smaller: the other's is the same and its own delay.
 */
double score_age_spread(const double sum[6]);

/*
 * How wide apart the nodes' first votes are in time, by their standard
 * deviation, as a share of their mean age.  Small where all fail within a short
 * while, long after they were deployed to: then something else may have
 * happened to them.  NaN from fewer than three nodes.
 */
double score_burst(const double sum[6]);

/*
 * The probability that chance alone makes so many nodes fail in a window after
 * the deployment and `veto` before it, and `hit` of the `seen` nodes be among
 * the `deployed` of a fleet: two tails of the binomial distribution, the least
 * of all windows times their number, combined by Fisher's method.
 */
double score_chance(const struct score_rule *, const double votes[],
    double veto, double hit, double seen, double deployed, double fleet);

/* The largest finite window, 0 if there is none. */
int64_t score_reach(const struct score_rule *);

/* A window's name, "1h", "90m", "next"; at most 24 bytes with the NUL. */
void score_window_name(char out[24], int64_t window);

#endif
