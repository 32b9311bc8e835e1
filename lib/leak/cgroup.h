#ifndef RESIN_CGROUP_H
#define RESIN_CGROUP_H

#include "base/span.h"

/*
 * cgroup - what /proc/PID/cgroup says a process belongs to: a container, by
 * the first 12 digits of its id as docker(1) and crictl(1) show it, or a
 * systemd unit.  The innermost counts: a unit inside a container is the unit.
 *
 *	0::/system.slice/nginx.service			nginx.service
 *	0::/system.slice/docker-5f1c...e9.scope		5f1c0a9b2d3e
 *	4:memory:/kubepods/burstable/pod7.../5f1c...e9	5f1c0a9b2d3e
 *	0::/user.slice/user-1000.slice			user-1000.slice
 *	0::/batch/nightly				/batch/nightly
 *	0::/						(empty)
 *
 * Where version 1 and 2 are mounted together, the unified hierarchy is asked
 * first, then systemd's own, then the memory controller's, then the rest.
 */
struct span cgroup_name(struct span text);

#endif
