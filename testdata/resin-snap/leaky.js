// leaky.js: keeps 2000 more strings after each step; sampled by V8 each 512 bytes.
const inspector = require('inspector');
const fs = require('fs');
const session = new inspector.Session();
const kept = [];
session.connect();
function openSession(k, i) {
	kept.push({ id: k * 100000 + i, data: new Array(50).fill(i) });
}
console.log('snapshot\tsite\tcount');
session.post('HeapProfiler.startSampling', { samplingInterval: 512 }, () => {
	for (let k = 0; k < 4; k++) {
		for (let i = 0; i < 2000; i++)
			openSession(k, i);
		global.gc();
		session.post('HeapProfiler.getSamplingProfile', (err, r) =>
			fs.writeFileSync(`v8.${k}.heapprofile`, JSON.stringify(r.profile)));
		console.log(`${k}\topenSession\t${kept.length}`);
	}
});
