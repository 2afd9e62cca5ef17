/* SPDX-License-Identifier: MIT */
/*
 * verify_raii DIRECTORY...: verify packages with a small C++17 layer over the C header. Objects
 * free themselves, and error codes become exceptions. Exceptions of a callback do not pass through
 * the C library. Exit status: 0 all packages hold, 1 one differs, 2 that could not be decided.
 */
#include <exception>
#include <filesystem>
#include <functional>
#include <iostream>
#include <memory>
#include <stdexcept>
#include <string>

#include <sparsesum/package.h>

namespace ssum
{

class error : public std::runtime_error
{
      public:
	error(int number, const std::string &what) : std::runtime_error(what), code(number)
	{
	}
	const int code;
};

/* Returns a verdict (0 or 1); throws if the code is negative. */
inline int checked(int code, const ssum_context *context = nullptr)
{
	if (code >= 0)
		return code;
	std::string text = context ? ssum_message(context) : "";
	throw error(code, text.empty() ? ssum_strerror(code) : text);
}

template <auto function> struct deleter {
	template <typename T> void operator()(T *object) const noexcept
	{
		function(object);
	}
};

using context_ptr = std::unique_ptr<ssum_context, deleter<ssum_context_free>>;

inline context_ptr make_context(const ssum_options &options)
{
	ssum_context *made = nullptr;

	checked(ssum_context_new(&options, &made));
	return context_ptr(made);
}

/* Keeps what a callback throws until the library has returned. */
struct reporter {
	std::function<void(const ssum_report &)> function;
	std::exception_ptr thrown;
};

extern "C" {
static int pass_on(void *user, const ssum_report *report) noexcept
{
	auto *to = static_cast<reporter *>(user);

	try {
		to->function(*report);
		return 0;
	} catch (...) {
		to->thrown = std::current_exception();
		return 1;
	}
}
}

/* Returns true if the package holds. */
inline bool verify(ssum_context &context, const std::filesystem::path &directory,
		   std::function<void(const ssum_report &)> function)
{
	reporter to{std::move(function), nullptr};
	ssum_verify_options options{};

	options.size = sizeof(options);
	options.report = pass_on;
	options.user = &to;
	int rc = ssum_verify(&context, directory.c_str(), &options, nullptr);
	if (to.thrown)
		std::rethrow_exception(to.thrown);
	return checked(rc, &context) == SSUM_HOLDS;
}

} // namespace ssum

/* Print one line for each entry that does not hold. Returns true if the package holds. */
static bool holds(ssum_context &context, const std::filesystem::path &directory)
{
	return ssum::verify(context, directory, [&directory](const ssum_report &report) {
		if (report.verdict == SSUM_HOLDS)
			return;
		std::cout << (directory / report.path).string() << ": "
			  << ssum_verdict_name(report.verdict) << std::endl;
		if (!std::cout)
			throw std::runtime_error("standard output cannot be written");
	});
}

int main(int argc, char **argv)
try {
	if (argc < 2) {
		std::cerr << "usage: " << argv[0] << " DIRECTORY...\n";
		return 2;
	}
	ssum_options options{};
	options.size = sizeof(options);
	auto context = ssum::make_context(options);
	bool all_hold = true;

	for (int i = 1; i < argc; i++)
		all_hold &= holds(*context, argv[i]);
	return all_hold ? 0 : 1;
} catch (const std::exception &caught) {
	std::cerr << caught.what() << '\n';
	return 2;
}
