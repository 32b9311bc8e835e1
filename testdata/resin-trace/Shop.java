import java.util.ArrayList;
import java.util.List;
import java.util.Scanner;

/** Keeps a session for each request, never ends one; a line N is N requests. */
public class Shop {
	static class Basket { long[] items = new long[20]; }
	static class Session { Basket basket = new Basket(); }
	static final List<Session> sessions = new ArrayList<>();

	public static void main(String[] args) {
		Scanner in = new Scanner(System.in);
		while (in.hasNextInt()) {
			for (int n = in.nextInt(); n > 0; n--)
				sessions.add(new Session());
			System.out.println("done");
		}
	}
}
