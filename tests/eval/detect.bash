# What is measured, on one file of telemetry in the order in which it arrived.
: "${BIN:?the directory of the tools}"

# detect TELEMETRY ALERT SUSPECTS: both levels.
detect() {
	"$BIN/resin-bucket" --lateness 6h "$1" | "$BIN/resin-pivot" >"$2"
	"$BIN/resin-procdetect" -t "$1" -o "$3" "$2"
}

# detect_all TELEMETRY - SUSPECTS: the second level alone.
detect_all() {
	"$BIN/resin-procdetect" --all -t "$1" -o "$3"
}
