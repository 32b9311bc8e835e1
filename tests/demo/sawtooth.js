// A garbage-collected service: it keeps what it makes until a batch is full,
// then drops all of it, so that its memory is a saw-tooth.
const period = () => 15 + 30 * Math.random();
let batch = [], left = period();

setInterval(() => {
	for (let i = 0; i < 250; i++)
		batch.push({ id: i, text: 'x'.repeat(900) + Math.random() });
	left -= 0.25;
	if (left <= 0) {
		batch = [];
		left = period();
		global.gc();
	}
}, 250);
