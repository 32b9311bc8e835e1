#include "leak/bucket_jobs.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/when.h"
#include "leak/bucket_cut.h"
#include "leak/bucket_input.h"

/*
 * Bytes of a part: an eighth of a thread's share, so that they end together.
 * SLOTS is how many may be counted or wait to be written.
 */
enum { PART_LEAST = 256 << 10, PART_MOST = 32 << 20, SHARES = 8, SLOTS = 64 };

/* One part: its rows as text, and which windows they are of. */
struct part {
	off_t from, to;
	char *text;
	size_t n;
	int64_t low, high;	/* WHEN_NEVER: no window */
	bool done, good;
};

struct jobs {
	const struct bucket_jobs *say;
	struct cut cut;
	off_t next;		/* where the next part begins */
	off_t size;		/* of a part, or somewhat more */
	struct part part[SLOTS];	/* by number, modulo */
	size_t taken, written;
	bool ended, stop;
	pthread_mutex_t lock;
	pthread_cond_t change;
};

/* A thread's own, from part to part: names and memory stay. */
struct worker {
	struct jobs *jobs;
	pthread_t thread;
	struct bucket bucket;
	struct output out;
	struct bucket_writer writer;
	struct part *part;
};

static void
put_group(void *arg, int64_t start, struct span group, const uint64_t *nodes)
{
	struct worker *w = arg;

	if (w->part->low == WHEN_NEVER || start < w->part->low)
		w->part->low = start;
	if (w->part->high == WHEN_NEVER || start > w->part->high)
		w->part->high = start;
	bucket_write_group(&w->writer, start, group, nodes);
}

static bool
count_part(struct worker *w, struct part *p)
{
	const struct bucket_jobs *say = w->jobs->say;
	char *file = say->file;
	struct input in;
	bool good;

	w->part = p;
	p->low = p->high = WHEN_NEVER;
	w->out.fp = open_memstream(&p->text, &p->n);
	if (w->out.fp == NULL)
		return false;
	good = input_open(&in, say->input, &file, 1, say->want, say->nwant) &&
	    reader_part(&in.reader, p->from, p->to);
	if (good) {
		bucket_read(&w->bucket, &in);
		good = input_why(&in) == NULL &&
		    bucket_end(&w->bucket) == NULL;
	}
	input_close(&in);
	return fclose(w->out.fp) == 0 && good;
}

/* The next part to count, or NULL; waits while too many are unwritten. */
static struct part *
take_part(struct jobs *j)
{
	struct part *p;
	off_t to;

	while (!j->stop && !j->ended && j->taken >= j->written + SLOTS)
		pthread_cond_wait(&j->change, &j->lock);
	if (j->stop || j->ended)
		return NULL;
	p = &j->part[j->taken % SLOTS];
	*p = (struct part){ .from = j->next };
	to = j->cut.size - j->next < 2 * j->size ? j->cut.size :
	    cut_behind(&j->cut, j->next + j->size);
	if (to == -1) {
		j->stop = true;
		return NULL;
	}
	p->to = j->next = to;
	j->taken++;
	j->ended = to == j->cut.size;
	return p;
}

static void *
work(void *arg)
{
	struct worker *w = arg;
	struct jobs *j = w->jobs;
	struct part *p;
	bool good;

	pthread_mutex_lock(&j->lock);
	while ((p = take_part(j)) != NULL) {
		pthread_mutex_unlock(&j->lock);
		good = count_part(w, p);
		pthread_mutex_lock(&j->lock);
		p->good = good;
		p->done = true;
		pthread_cond_broadcast(&j->change);
	}
	pthread_cond_broadcast(&j->change);
	pthread_mutex_unlock(&j->lock);
	return NULL;
}

/* Writes the parts in order as they come.  False: one does not fit. */
static bool
write_parts(struct jobs *j, FILE *out, int64_t *written)
{
	bool good = true;

	pthread_mutex_lock(&j->lock);
	while (good) {
		struct part *p = &j->part[j->written % SLOTS];

		while (!j->stop && (j->written < j->taken ? !p->done :
		    !j->ended))
			pthread_cond_wait(&j->change, &j->lock);
		if (j->written == j->taken || !p->done)
			break;
		good = p->good && (p->low == WHEN_NEVER ||
		    *written == WHEN_NEVER || p->low > *written);
		if (good) {
			fwrite(p->text, 1, p->n, out);
			if (p->high != WHEN_NEVER)
				*written = p->high;
			free(p->text);
			p->text = NULL;
			j->written++;
		}
		pthread_cond_broadcast(&j->change);
	}
	good = good && j->ended && j->written == j->taken;
	j->stop = true;
	pthread_cond_broadcast(&j->change);
	pthread_mutex_unlock(&j->lock);
	return good;
}

static void
run(struct jobs *j, int64_t *written, bool *all)
{
	unsigned n = j->say->threads;
	struct worker *worker = mem_new(n, sizeof(*worker));

	for (unsigned i = 0; i < n; i++) {
		struct worker *w = &worker[i];

		w->jobs = j;
		w->out = *j->say->writer->out;
		w->out.row = (struct buf){ 0 };
		w->out.line_buffered = false;
		w->writer = *j->say->writer;
		w->writer.out = &w->out;
		w->writer.before = w->writer.behind = w->writer.lines =
		    (struct buf){ 0 };
		bucket_init(&w->bucket, j->say->bucket, put_group, w);
		if (pthread_create(&w->thread, NULL, work, w) != 0) {
			bucket_free(&w->bucket);
			n = i;
		}
	}
	*all = n > 0 && write_parts(j, j->say->writer->out->fp, written);
	for (unsigned i = 0; i < n; i++) {
		pthread_join(worker[i].thread, NULL);
		bucket_free(&worker[i].bucket);
		buf_free(&worker[i].out.row);
		bucket_writer_free(&worker[i].writer);
	}
	for (size_t i = 0; i < SLOTS; i++)
		free(j->part[i].text);
	free(worker);
}

bool
bucket_jobs(const struct bucket_jobs *say, int64_t *written)
{
	struct jobs j = { .say = say, .lock = PTHREAD_MUTEX_INITIALIZER,
		.change = PTHREAD_COND_INITIALIZER };
	char *file = say->file;
	struct input in;
	bool all = false;

	*written = WHEN_NEVER;
	if (input_open(&in, say->input, &file, 1, say->want, say->nwant) &&
	    in.open && reader_part(&in.reader, 0, in.reader.source.size)) {
		j.cut = (struct cut){ in.reader.source.fd,
			(size_t)in.at[BUCKET_TS], say->bucket->windows.width,
			in.reader.source.size };
		j.next = in.reader.begin;
		j.size = j.cut.size / (off_t)(say->threads * SHARES);
		j.size = j.size < PART_LEAST ? PART_LEAST :
		    j.size > PART_MOST ? PART_MOST : j.size;
		run(&j, written, &all);
	}
	input_close(&in);
	return all;
}
