import java.io.File;
import java.util.ArrayList;
import java.util.List;

/** Keeps 1000 more sessions after each step, and asks jcmd for a histogram. */
public class Leaky {
	static class Session {
		long a, b, c;
	}

	static final List<Session> kept = new ArrayList<>();

	public static void main(String[] args) throws Exception {
		String pid = String.valueOf(ProcessHandle.current().pid());

		System.out.println("snapshot\tsite\tcount");
		for (int k = 0; k < 4; k++) {
			for (int i = 0; i < 1000; i++)
				kept.add(new Session());
			new ProcessBuilder("jmap", "-histo:live", pid)
				.redirectOutput(new File("histo." + k + ".txt"))
				.start().waitFor();
			System.out.println(k + "\tLeaky$Session\t" + kept.size());
		}
	}
}
